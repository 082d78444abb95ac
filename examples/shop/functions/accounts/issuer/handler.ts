import type { ApiHandlers } from 'waybill/http';
import type { UnitOfWork } from 'waybill/outbox';
import type { Clock } from 'waybill/runtime';
import type { IssueAccessToken } from '../access-token.ts';
import { type Account, accountKey, emailKey, normalizedEmail } from '../account.ts';
import { type AccountsTable, findItem } from '../accounts-table.ts';
import type { AssertAllowed } from '../attempt-limits.ts';
import { readClientCredentials } from '../client-credentials.ts';
import { publishedKeys } from '../keys/key-ring.ts';
import type { KeyRingStore } from '../keys/key-ring-store.ts';
import { publicJwkOf } from '../keys/rsa-key.ts';
import type { AuthenticateClient } from '../machine-clients.ts';
import type { PasswordHasher } from '../password-hasher.ts';
import type { Realm } from '../realm.ts';
import type { RefreshFamilies } from '../refresh-family.ts';
import type { Registrations } from '../registration.ts';
import { narrowScopes, SCOPES, type Scope, scopesOf } from '../scopes.ts';
import type { issuerApi } from './routes.ts';

export interface IssuerDeps {
  readonly table: AccountsTable;
  readonly realm: Realm;
  readonly hasher: PasswordHasher;
  readonly registrations: Registrations;
  readonly families: RefreshFamilies;
  readonly authenticateClient: AuthenticateClient;
  readonly keyRing: Pick<KeyRingStore, 'current'>;
  readonly issueAccessToken: IssueAccessToken;
  readonly assertAllowed: AssertAllowed;
  readonly clock: Clock;
  /** The address of this API. */
  readonly issuer: string;
}

/** The client through which people log in. */
const WEB = 'web';

/** Shorter than a key is published before it signs. */
const CACHED = { 'cache-control': 'public, max-age=300' };

export function createIssuerHandlers(deps: IssuerDeps): ApiHandlers<typeof issuerApi> {
  const { table, realm, hasher, registrations, families, authenticateClient, keyRing, clock, issuer } = deps;
  const { assertAllowed, issueAccessToken } = deps;

  const tokensFor = async (
    subject: string,
    clientId: string,
    scopes: readonly Scope[],
    tenantId: string | undefined,
  ) => {
    const { token, expiresInSeconds } = await issueAccessToken({ subject, clientId, scopes, tenantId });
    return {
      access_token: token,
      token_type: 'Bearer' as const,
      expires_in: expiresInSeconds,
      scope: scopes.join(' '),
    };
  };

  /** @returns the account, if the password is its own; as long for an unknown address */
  const authenticate = async (email: string, password: string): Promise<Account | undefined> => {
    const owner = await findItem(table, 'email', emailKey(normalizedEmail(email)));
    const account = await findItem(table, 'account', accountKey(owner?.accountId ?? 'nobody'));
    return (await hasher.matches(password, account?.password)) ? account : undefined;
  };

  /** What new passwords cost, a password costs from its next login on. */
  const rehash = async (tx: UnitOfWork, { accountId, password: before }: Account, password: string) => {
    if (!hasher.isOutdated(before)) return;
    table.within(tx).update({
      Key: accountKey(accountId),
      UpdateExpression: 'SET #password = :after',
      ConditionExpression: '#password.#hash = :before',
      ExpressionAttributeNames: { '#password': 'password', '#hash': 'hash' },
      ExpressionAttributeValues: { ':after': await hasher.hash(password), ':before': before.hash },
    });
  };

  return {
    'GET /.well-known/openid-configuration': () => ({
      status: 200,
      headers: CACHED,
      body: {
        issuer,
        jwks_uri: `${issuer}/.well-known/jwks.json`,
        token_endpoint: `${issuer}/token`,
        revocation_endpoint: `${issuer}/revocations`,
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
        grant_types_supported: ['refresh_token', 'client_credentials'],
        scopes_supported: [...SCOPES],
        response_types_supported: ['token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      },
    }),

    async 'GET /.well-known/jwks.json'() {
      const keys = publishedKeys(await keyRing.current(), clock.now());
      return { status: 200, headers: CACHED, body: { keys: keys.map(publicJwkOf) } };
    },

    async 'POST /registrations'({ body: { tenant, ...wanted }, sourceIp }, { tx, problem }) {
      await assertAllowed({
        'registration from address': sourceIp,
        'registration of email': `${tenant ?? ''} ${normalizedEmail(wanted.email)}`,
      });
      const registrationId = await realm.runAs(tenant, () => registrations.request(tx, wanted));
      if (registrationId === undefined) throw problem('TENANT_UNKNOWN');
      return { status: 202, body: { registrationId } };
    },

    async 'POST /registrations/{registrationId}/confirmation'({ params, body: { tenant, code } }, { tx, problem }) {
      const confirmed = await realm.runAs(tenant, () => registrations.confirm(tx, params.registrationId, code));
      switch (confirmed?.kind) {
        case 'registered':
          return { status: 201, body: { accountId: confirmed.accountId } };
        case 'email-taken':
          throw problem('EMAIL_TAKEN');
        default:
          throw problem('CODE_REFUSED');
      }
    },

    async 'POST /sessions'({ body: { tenant, email, password, scope: asked }, sourceIp }, { tx, problem }) {
      await assertAllowed({
        'login from address': sourceIp,
        'login of account': `${tenant ?? ''} ${normalizedEmail(email)}`,
      });
      const body = await realm.runAs(tenant, async () => {
        const account = await authenticate(email, password);
        if (account === undefined) return undefined;
        const scopes = narrowScopes(scopesOf(account.roles), asked);
        if (scopes === undefined) throw problem('SCOPE_REFUSED');
        await rehash(tx, account, password);
        const refreshToken = families.open(tx, account, scopes);
        return {
          ...(await tokensFor(account.accountId, WEB, scopes, tenant)),
          refresh_token: realm.nameOf(refreshToken),
        };
      });
      if (body === undefined) throw problem('LOGIN_REFUSED');
      return { status: 200, body };
    },

    async 'POST /token'({ body, headers, sourceIp }, { problem }) {
      const client =
        body.grant_type === 'client_credentials' ? readClientCredentials(headers['authorization'], body) : undefined;
      if (client?.kind === 'invalid') throw problem('CLIENT_AUTHENTICATION_INVALID', client.detail);
      const name = body.grant_type === 'refresh_token' ? body.refresh_token : (client?.id ?? '');
      const named = realm.read(name);
      if (client !== undefined) await assertAllowed({ client: `${name} ${sourceIp}` });
      const granted = await realm.runAs(named?.tenantId, async () => {
        if (named === undefined) return undefined;
        const { id, tenantId } = named;
        if (body.grant_type === 'refresh_token') {
          const refreshed = await families.refresh(id);
          if (refreshed === undefined) return undefined;
          const { account, scope, refreshToken } = refreshed;
          // a role may have been taken away since
          const allowed = scopesOf(account.roles);
          const scopes = scope.filter((each) => allowed.includes(each));
          return {
            ...(await tokensFor(account.accountId, WEB, scopes, tenantId)),
            refresh_token: realm.nameOf(refreshToken),
          };
        }
        const allowed = await authenticateClient(id, client?.secret ?? '');
        if (allowed === undefined) return undefined;
        // a parameter without a value is one that is left out
        const scopes = narrowScopes(allowed, body.scope === '' ? undefined : body.scope);
        if (scopes === undefined) throw problem('SCOPE_REFUSED');
        return tokensFor(name, name, scopes, tenantId);
      });
      if (granted === undefined) throw problem('GRANT_REFUSED');
      return { status: 200, body: granted };
    },

    async 'POST /revocations'({ body: { token } }) {
      const named = realm.read(token);
      if (named !== undefined) await realm.runAs(named.tenantId, () => families.end(named.id));
      return { status: 204 };
    },
  };
}
