import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createMovableClock } from '../../../../local/clock.ts';
import { UsageError } from '../../../../local/start/usage-error.ts';
import type { AccessTokens } from '../http/access-tokens.ts';
import { createAccounts } from '../http/accounts.ts';
import { type ApiClient, createApiClient } from '../http/api-client.ts';
import { createHttpDriver } from '../http/http-driver.ts';
import { disturbed, type HttpFaultName, planHttpChaos } from '../http/http-faults.ts';
import { createHttpJournal } from '../http/http-journal.ts';
import { createPeople } from '../http/people.ts';
import { createSendRequest, type SendRequest } from '../http/send-request.ts';
import { createFunctionCalls } from '../orders/function-calls.ts';
import { createSendCommand } from '../orders/send-command.ts';
import type { ShopApi } from '../orders/shop.ts';
import { lambdaDriver, type ShopDriver } from '../orders/shop-driver.ts';
import type { RunOptions } from './options.ts';
import { PROJECT_FOLDER } from './project-folder.ts';
import type { ShopRun } from './start-shop.ts';
import { waitOn } from './wait-on.ts';

/** Under chaos the issuer takes another key so long after the start of the run. */
const KEY_SIGNS_AFTER_SECONDS = 15;

const NO_ACCOUNTS =
  "--driver http registers clients at the shop's own accounts, and this deployment has others: use --driver lambda";

const DESCRIPTION = join(PROJECT_FOLDER, 'examples/shop/openapi.json');

/**
 * How the orders of the run come to the shop. Over HTTP, the partner's client of each tenant is registered first.
 * @param orders of the run, of all tenants together
 */
export async function openDriver(
  { driver, chaosSeed }: Pick<RunOptions, 'driver' | 'chaosSeed'>,
  shopRun: ShopRun,
  { orders, signal }: { readonly orders: number; readonly signal: AbortSignal },
): Promise<ShopDriver> {
  const { run, clients, settings } = shopRun;
  if (driver === 'lambda') {
    return lambdaDriver(createSendCommand(createFunctionCalls(clients.lambda), shopRun.shop));
  }
  // the machine's time: the run's own may be driven ahead
  const wait = waitOn(createMovableClock());
  const journal = createHttpJournal();
  const { endpointUrl: endpoint, region, clock } = run;
  const secrets = new SecretsManagerClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const api = (): ShopApi => {
    const { api: found } = shopRun.shop;
    if (found === undefined) throw new UsageError(NO_ACCOUNTS);
    return found;
  };
  if (chaosSeed !== undefined) {
    // before any authorizer has asked for the keys: they keep them for two hours
    const command = { signsAfterSeconds: KEY_SIGNS_AFTER_SECONDS };
    const call = createFunctionCalls(clients.lambda);
    const published = await call(api().rotateKeysFunctionName, command, signal);
    if (published.kind === 'failed') throw new Error(`no second key could be published: ${published.reason}`);
  }
  const accounts = createAccounts({
    urls: api,
    secrets,
    operatorSecretArn: api().operatorSecretArn,
    clock,
    counts: journal.counts,
    onKeyChange: () => journal.addFault('http-key-rotation'),
    wait,
    signal,
  });
  const description = JSON.parse(readFileSync(DESCRIPTION, 'utf8'));
  const overTheWire = createSendRequest(() => api().url);
  const send: SendRequest = async (request, abortSignal) => {
    journal.counts.requests++;
    const answer = await overTheWire(request, abortSignal);
    if (answer.headers.get('idempotent-replayed') === 'true') journal.counts.replayed++;
    return answer;
  };
  const plan = chaosSeed === undefined ? undefined : planHttpChaos(chaosSeed);
  const onFault = (name: HttpFaultName) => journal.addFault(name);
  const clientOf = (tokens: AccessTokens): ApiClient =>
    createApiClient({
      description,
      tokens,
      send: plan === undefined ? send : disturbed({ send, plan, tokens, journal, onFault }),
      wait,
    });
  const machines = new Map<string | undefined, ApiClient>();
  for (const tenantId of settings.tenantIds) machines.set(tenantId, clientOf(await accounts.machine(tenantId)));
  secrets.destroy();
  const people = createPeople({ accounts, clientOf, orders, tenantIds: settings.tenantIds });
  const machineOf = (tenantId: string | undefined): ApiClient => {
    const machine = machines.get(tenantId);
    if (machine === undefined) throw new RangeError(`no client is registered for tenant '${tenantId}'`);
    return machine;
  };
  return createHttpDriver({ machineOf, people, journal });
}
