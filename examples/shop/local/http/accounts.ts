import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { WaybillError } from '../../../../lib/definitions/index.ts';
import type { EngineClock } from '../../../../local/clock.ts';
import { SCOPE } from '../../functions/scopes.ts';
import { type AccessTokens, createAccessTokens, type GrantedToken } from './access-tokens.ts';
import type { HttpCounts } from './http-journal.ts';
import { describeRefusal, memberAt } from './send-request.ts';

/** The accounts service did not give what the run needs to place orders. */
class AccountsError extends WaybillError {
  readonly code = 'LOCAL_ACCOUNTS_FAILED';
}

/** A registered customer, logged in. */
interface LoggedIn {
  /** The subject of the tokens: what orders have as their customer. */
  readonly customerId: string;
  readonly tokens: AccessTokens;
}

/** The shop's accounts service, as the run's clients use it. */
export interface Accounts {
  /** Tokens of a machine client that orders for others. */
  machine(tenantId: string | undefined): Promise<AccessTokens>;
  /** Registers a customer, and logs in with the password. */
  logIn(name: string, tenantId: string | undefined): Promise<LoggedIn>;
}

export interface AccountsOptions {
  /** As they are then: a deployment in the middle of a run may change them. */
  readonly urls: () => { readonly issuerUrl: string; readonly accountsUrl: string };
  readonly secrets: SecretsManagerClient;
  readonly operatorSecretArn: string;
  readonly clock: Pick<EngineClock, 'now'>;
  readonly counts: Pick<HttpCounts, 'tokens' | 'refreshes'>;
  /** The issuer signs with another key than before. */
  readonly onKeyChange: () => void;
  readonly wait: (delayMs: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

const MACHINE_SCOPES = [SCOPE.readOrdersForOthers, SCOPE.writeOrdersForOthers, SCOPE.readCatalog];

const MOST_TRIES = 10;
const DELAY_MS = 200;

export function createAccounts(options: AccountsOptions): Accounts {
  const { urls, secrets, operatorSecretArn, clock, counts, onKeyChange, wait, signal } = options;
  let keyId: unknown;

  /** Repeats what came to grief; a refusal is thrown. */
  const post = async (url: () => string, body: object, token?: string): Promise<unknown> => {
    for (let tries = 1; ; tries++) {
      signal.throwIfAborted();
      let refusal: string;
      try {
        const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
        const response = await fetch(url(), { method: 'POST', headers, body: JSON.stringify(body), signal });
        const answer: unknown = await response.json().catch(() => undefined);
        if (response.ok) return answer;
        refusal = `${url()} answered ${describeRefusal({ status: response.status, body: answer })}`;
        if (response.status !== 429 && response.status < 500) throw new AccountsError(refusal);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof AccountsError) throw error;
        refusal = `${url()} did not answer: ${String(error)}`;
      }
      if (tries === MOST_TRIES) throw new AccountsError(refusal);
      await wait(DELAY_MS * tries, signal);
    }
  };

  const tokenUrl = () => `${urls().issuerUrl}/token`;

  const granted = (answer: unknown): GrantedToken => {
    counts.tokens++;
    const accessToken = textAt(answer, 'access_token');
    const before = keyId;
    keyId = keyIdOf(accessToken);
    if (before !== undefined && keyId !== before) onKeyChange();
    return {
      accessToken,
      expiresInSeconds: Number(memberAt(answer, 'expires_in')),
    };
  };

  const byCredentials = (id: string, secret: string) => async () =>
    granted(await post(tokenUrl, { grant_type: 'client_credentials', client_id: id, client_secret: secret }));

  const operators = new Map<string | undefined, AccessTokens>();
  const operatorOf = async (tenantId: string | undefined): Promise<string> => {
    const known = operators.get(tenantId);
    if (known !== undefined) return known.current();
    const { SecretString = '{}' } = await secrets.send(new GetSecretValueCommand({ SecretId: operatorSecretArn }));
    const id = tenantId === undefined ? 'operator' : `${tenantId}.operator`;
    const tokens = createAccessTokens(byCredentials(id, textAt(JSON.parse(SecretString), 'current')), clock);
    operators.set(tenantId, tokens);
    return tokens.current();
  };

  const tell = async (path: string, body: object, tenantId: string | undefined) =>
    post(() => `${urls().accountsUrl}${path}`, body, await operatorOf(tenantId));

  return {
    async machine(tenantId) {
      const client = await tell('/clients', { name: 'npm start', scopes: MACHINE_SCOPES }, tenantId);
      return createAccessTokens(byCredentials(textAt(client, 'client_id'), textAt(client, 'client_secret')), clock);
    },

    async logIn(name, tenantId) {
      const email = `${name}@example.com`;
      const password = `${name} drinks a lot of tea`;
      const account = await tell('/accounts', { email, password, name, roles: ['customer'] }, tenantId);
      let refreshToken: string | undefined;
      const session = async () => {
        const answer =
          refreshToken === undefined
            ? await post(() => `${urls().issuerUrl}/sessions`, {
                email,
                password,
                ...(tenantId && { tenant: tenantId }),
              })
            : await post(tokenUrl, { grant_type: 'refresh_token', refresh_token: refreshToken });
        if (refreshToken !== undefined) counts.refreshes++;
        refreshToken = textAt(answer, 'refresh_token');
        return granted(answer);
      };
      return { customerId: textAt(account, 'accountId'), tokens: createAccessTokens(session, clock) };
    },
  };
}

/** Of the key that has signed a token. */
const keyIdOf = (token: string): unknown =>
  memberAt(JSON.parse(Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString('utf8')), 'kid');

function textAt(answer: unknown, name: string): string {
  const value = memberAt(answer, name);
  if (typeof value === 'string') return value;
  throw new AccountsError(`the accounts service answered without '${name}'`);
}
