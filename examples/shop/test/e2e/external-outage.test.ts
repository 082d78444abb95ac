import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createMovableClock } from '../../../../local/clock.ts';
import { driveTime } from '../../../../local/drive-time.ts';
import { createTemporaryFolder } from '../../../../local/temporary-folder.ts';
import { openExternalServices } from '../../local/external/external-services.ts';
import { startShop } from './permissions/shop-run.ts';
import { synthesizeShop } from './shop-assembly.ts';

const ORDER_IDS = ['order-1', 'order-2', 'order-3', 'order-4', 'order-5'];

/** Five open a breaker; from then on there is one in ten seconds, while five receives take forty. */
const FAILING_REQUESTS = 25;

it('an outage of the payment gateway causes no dead letters, and each order is charged once', async () => {
  using folder = createTemporaryFolder();
  const assembly = join(folder.path, 'assembly');
  const external = await openExternalServices({ clock: createMovableClock() });
  await using opened = new AsyncDisposableStack();
  opened.defer(external.close);
  await synthesizeShop(assembly, external.context);
  const shop = opened.use(await startShop(assembly));
  external.disturb('payment-gateway', { kind: 'error', status: 503 }, FAILING_REQUESTS);

  for (const orderId of ORDER_IDS) await shop.placeOrder(orderId);
  await driveTime(shop.run, { signal: AbortSignal.timeout(240_000) });

  const { charges, parcels, requests } = external.ledger();
  expect(charges.map(({ reference }) => reference).toSorted()).toStrictEqual(ORDER_IDS);
  expect(parcels.map(({ reference }) => reference).toSorted()).toStrictEqual(ORDER_IDS);
  expect(requests.disturbed).toBe(FAILING_REQUESTS);
  const deadLetters = shop.run.deployment.queues
    .filter(({ constructPath }) => constructPath.includes('DeadLetterQueue'))
    .map(({ arn = '' }) => shop.run.sqs.peek(arn).length);
  expect(deadLetters.length).toBeGreaterThan(5);
  expect(deadLetters.filter((count) => count > 0)).toStrictEqual([]);
  const orders = await shop.scan('OrdersTable');
  expect(orders.map((order) => order['status']?.S)).toStrictEqual(ORDER_IDS.map(() => 'shipped'));
});
