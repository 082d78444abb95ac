import type { Argon2Parameters } from 'node:crypto';
import { HTTP_REQUESTS_TABLE, type TenancyMode } from '../../../../../lib/definitions/index.ts';
import { createApiHandler, createClientLimiter } from '../../../../../lib/http/index.ts';
import { createOutbox, type OutboxStore } from '../../../../../lib/outbox/index.ts';
import { createTenancy, createTenantTable } from '../../../../../lib/tenancy/index.ts';
import { createInMemoryOutboxStore } from '../../../../../lib/testing/in-memory-outbox-store.ts';
import {
  createInMemoryClientUsage,
  createInMemoryRequestRecords,
} from '../../../../../lib/testing/in-memory-request-records.ts';
import { createInMemoryTableStore } from '../../../../../lib/testing/in-memory-table-store.ts';
import { createInMemoryTables, createSilentLogger, createSilentMetrics } from '../../../../../lib/testing/index.ts';
import { createCountingIds, createTestClock } from '../../../../../test/fixtures/event-maker.ts';
import { lambdaContext } from '../../../../../test/fixtures/lambda-context.ts';
import { eventOf, type SentRequest } from '../../../../../test/lib/http/api-rig.ts';
import { createAccessTokens } from '../../../functions/accounts/access-token.ts';
import { accountItemSchema } from '../../../functions/accounts/account.ts';
import { createAccountsHandlers } from '../../../functions/accounts/api/handler.ts';
import { accountsApi } from '../../../functions/accounts/api/routes.ts';
import { createAttemptLimits } from '../../../functions/accounts/attempt-limits.ts';
import { createIssuerHandlers } from '../../../functions/accounts/issuer/handler.ts';
import { issuerApi } from '../../../functions/accounts/issuer/routes.ts';
import { createKeyedHash } from '../../../functions/accounts/keyed-hash.ts';
import type { SigningKey } from '../../../functions/accounts/keys/key-ring.ts';
import { createKeyRingStore, type KeyRingSecret } from '../../../functions/accounts/keys/key-ring-store.ts';
import { createMachineClients } from '../../../functions/accounts/machine-clients.ts';
import { createPasswordHasher } from '../../../functions/accounts/password-hasher.ts';
import { createRealm } from '../../../functions/accounts/realm.ts';
import { createRefreshFamilies } from '../../../functions/accounts/refresh-family.ts';
import { createRegistrations } from '../../../functions/accounts/registration.ts';
import { createRegistrationMails } from '../../../functions/accounts/registration-mails.ts';
import { ACCOUNTS_TABLE } from '../../../functions/accounts/table.ts';
import { rsaKeys } from './rsa-keys.ts';

export const ISSUER = 'https://issuer.example.com';
export const PASSWORD = 'correct horse battery';

/** A secret of which a value of a generation is stored once, as Secrets Manager stores versions. */
function createSecrets(): KeyRingSecret & { readonly values: Map<string, string>; readonly reads: string[] } {
  const values = new Map([
    ['accounts-key', '{"current":"key"}'],
    ['operator', '{"current":"operator secret"}'],
  ]);
  const written = new Map<number, string>();
  const reads: string[] = [];
  return {
    values,
    reads,
    async read(name) {
      reads.push(name);
      return values.get(name);
    },
    async write(name, text, generation) {
      if (written.has(generation)) return;
      written.set(generation, text);
      values.set(name, text);
    },
  };
}

export interface RigOptions {
  readonly mode?: TenancyMode;
  readonly cost?: { readonly memory: number; readonly passes: number };
}

/** Both APIs of the accounts over memory, called as API Gateway calls them. */
export function createAccountsRig({ mode = 'none', cost = { memory: 64, passes: 2 } }: RigOptions = {}) {
  const tables = createInMemoryTables({ accounts: ACCOUNTS_TABLE, requests: HTTP_REQUESTS_TABLE });
  const clock = createTestClock();
  const tenancy = createTenancy({ mode, audit: { crossTenantWork: () => undefined } });
  const store = createInMemoryOutboxStore({ tables });
  const ids = createCountingIds();
  const faults: {
    commit?: ((apply: () => ReturnType<OutboxStore['commit']>) => ReturnType<OutboxStore['commit']>) | undefined;
  } = {};
  const outbox = createOutbox({
    store: {
      readHeads: (groups) => store.readHeads(groups),
      commit: (commit) =>
        faults.commit === undefined ? store.commit(commit) : faults.commit(() => store.commit(commit)),
    },
    clock,
    ids,
    sleep: async () => undefined,
    random: () => 0,
    retentionSeconds: 60,
    tenancy,
  });
  const table = createTenantTable({
    store: createInMemoryTableStore(tables),
    outbox,
    tenancy,
    tableName: 'accounts',
    schema: ACCOUNTS_TABLE,
    parse: (item) => accountItemSchema.parse(item),
  });
  const secrets = createSecrets();
  const hashed: Argon2Parameters[] = [];
  let secretCount = 0;
  const newSecret = () => `secret-${++secretCount}`;
  let idCount = 0;
  const newId = () => `id-${++idCount}`;

  /** Another container, with caches of its own. */
  const newContainer = (passwordCost = cost) => {
    const keyedHash = createKeyedHash({ reader: secrets, clock }, 'accounts-key');
    const hasher = createPasswordHasher(passwordCost, async (parameters) => {
      hashed.push(parameters);
      const { message, nonce, memory, passes } = parameters;
      return Buffer.from(`${message}${nonce}${memory}${passes}`.padEnd(64, '.').slice(0, 64));
    });
    const keyRing = createKeyRingStore({
      secret: secrets,
      secretName: 'signing-keys',
      clock,
      newKey: async (signsFrom): Promise<SigningKey> => ({ ...rsaKeys.next(), signsFrom }),
      signingKeyDays: 90,
    });
    const usage = createInMemoryClientUsage({ tables, tableName: 'requests' });
    const limiter = createClientLimiter({ usage, clock, onUnavailable: () => undefined });
    const registrations = createRegistrations({ table, hasher, keyedHash, clock, newId });
    const assertAllowed = createAttemptLimits(limiter, keyedHash);
    const realm = createRealm(tenancy);
    const families = createRefreshFamilies({ table, outbox, keyedHash, clock, newSecret });
    const deps = {
      outbox,
      requests: createInMemoryRequestRecords({ tables, tableName: 'requests' }),
      usage,
      tenancy,
      logger: createSilentLogger('accounts'),
      metrics: createSilentMetrics('accounts'),
      clock,
      newToken: ids.newToken,
      newCorrelationId: () => 'correlation-1',
      tenantClaim: 'tenant',
    };
    const issuer = createIssuerHandlers({
      table,
      realm,
      hasher,
      registrations,
      families,
      authenticateClient: createMachineClients({
        table,
        reader: secrets,
        clock,
        operatorSecretName: 'operator',
      }),
      keyRing,
      issueAccessToken: createAccessTokens({
        keyRing,
        clock,
        newId,
        issuer: ISSUER,
        audience: 'shop',
        lifetimeSeconds: 600,
      }),
      assertAllowed,
      clock,
      issuer: ISSUER,
    });
    const accounts = createAccountsHandlers({ table, realm, hasher, registrations, assertAllowed, newId, newSecret });
    const handlers = [
      createApiHandler(issuerApi, issuer, deps),
      createApiHandler(accountsApi, accounts, deps),
    ] as const;
    const [issuerHandler, accountsHandler] = handlers;
    return {
      keyRing,
      families,
      mailOf: createRegistrationMails({ table, keyedHash, clock }),
      async send(routeKey: string, request: SentRequest & { readonly token?: string; readonly from?: string } = {}) {
        const { token, from = '192.0.2.1' } = request;
        const event = eventOf(routeKey, { ...request, claims: token === undefined ? null : textClaimsOf(token) });
        event.requestContext.http.sourceIp = from;
        const isIssuer = issuerApi.routes.some(({ key }) => key === routeKey);
        const answer = await (isIssuer ? issuerHandler : accountsHandler)(event, lambdaContext());
        const { statusCode, headers = {}, body = '' } = answer;
        return {
          status: statusCode,
          headers,
          // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
          json: (body === '' ? undefined : JSON.parse(body)) as any,
        };
      },
    };
  };
  const container = newContainer();

  const rig = {
    ...container,
    newContainer,
    tables,
    clock,
    tenancy,
    outbox,
    table,
    secrets,
    faults,
    /** What was hashed, to count. */
    hashed,
    items: () => tables.items('accounts'),
    /** Types of the published events, without their namespace. */
    events: () => store.events.map(({ type }) => type.replace('com.example.', '')),
    bodies: () => store.events.map(({ body }) => body),
    post: (path: string, body: unknown, more: { readonly token?: string; readonly from?: string } = {}) =>
      container.send(`POST ${path}`, { body, ...more }),
    async operator(tenant?: string): Promise<string> {
      const client_id = tenant === undefined ? 'operator' : `${tenant}.operator`;
      const { json } = await rig.post('/token', {
        grant_type: 'client_credentials',
        client_id,
        client_secret: 'operator secret',
      });
      return json.access_token;
    },
    /** Adds an account by the operator. */
    async addAccount(email = 'ann@example.com', more: object = {}): Promise<string> {
      const added = await rig.post(
        '/accounts',
        { email, password: PASSWORD, name: 'Ann Archer', ...more },
        { token: await rig.operator() },
      );
      return added.json.accountId;
    },
    logIn: (email = 'ann@example.com', password = PASSWORD, more: { readonly from?: string } = {}) =>
      rig.post('/sessions', { email, password }, more),
    refresh: (refresh_token: string) => rig.post('/token', { grant_type: 'refresh_token', refresh_token }),
  };
  return rig;
}

/** The parts of a token. */
export function decodeToken(token: string): {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
} {
  const [header = '', claims = ''] = token.split('.');
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  return { header: decode(header), claims: decode(claims) };
}

/** As API Gateway passes them on. */
const textClaimsOf = (token: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(decodeToken(token).claims).map(([name, value]) => [name, String(value)]));
