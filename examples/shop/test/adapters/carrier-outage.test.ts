import { expect, it } from 'vitest';
import type { JsonClient, PolicyLimitOptions } from 'waybill/resilience';
import type { Clock } from 'waybill/runtime';
import { createHarness } from 'waybill/testing';
import { InventoryReserved } from '../../functions/inventory/events.ts';
import { deliveryAddressSchema } from '../../functions/orders/delivery-address.ts';
import { DELIVERY_ADDRESSES_TABLE } from '../../functions/orders/table.ts';
import { createShippingHandlers } from '../../functions/shipping/handler.ts';
import { createHttpCarrier } from '../../functions/shipping/http-carrier.ts';
import { createHttpCourier } from '../../functions/shipping/http-courier.ts';
import { withKeptRates } from '../../functions/shipping/kept-rates.ts';
import { shipmentSchema } from '../../functions/shipping/shipment.ts';
import { SHIPPING_TABLE } from '../../functions/shipping/table.ts';
import { useExternalServices } from './external-rig.ts';

const { external, client } = useExternalServices();

/** Within the time of an invocation of the harness. */
const BREAKER: PolicyLimitOptions = { timeoutMs: 8_000, breaker: { trip: { consecutiveFailures: 4 } } };

/** Of each call. */
const TRIES = 3;

/** Waits for rates as long as for all else: a busy machine is no outage. */
function patient(system: 'carrier' | 'courier', clock: Clock): JsonClient {
  const own = client(system, BREAKER, undefined, clock);
  return { ...own, get: ({ limits: _, ...call }, signal) => own.get(call, signal) };
}

function createShipping() {
  const shop = createHarness({ tables: { shipments: SHIPPING_TABLE, addresses: DELIVERY_ADDRESSES_TABLE } });
  const carriers = [
    withKeptRates(createHttpCarrier(patient('carrier', shop.clock)), shop.clock),
    withKeptRates(createHttpCourier(patient('courier', shop.clock)), shop.clock),
  ];
  const shipments = shop.table('shipments', (item) => shipmentSchema.parse(item));
  const addresses = shop.table('addresses', (item) => deliveryAddressSchema.parse(item));
  const shipping = shop.serve(createShippingHandlers({ shipments, addresses, carriers }));
  // one piece: cheaper at the carrier
  const reserve = (orderId: string) =>
    shipping.when(InventoryReserved, { orderId, lines: [{ sku: 'TEA', quantity: 1 }] });
  const carriersOf = () =>
    Object.fromEntries(shop.items('shipments').map((item) => [item['orderId'], [item['status'], item['carrier']]]));
  return { reserve, carriersOf };
}

it('while the cheaper carrier is down, orders go to the other one, and its breaker ends the calls', async () => {
  const { reserve, carriersOf } = createShipping();
  const before = external().ledger().requests.disturbed;
  external().disturb('carrier', { kind: 'error', status: 503 }, 1_000);

  for (const orderId of ['1', '2', '3', '4', '5']) await reserve(orderId);

  expect(carriersOf()).toStrictEqual(
    Object.fromEntries(['1', '2', '3', '4', '5'].map((orderId) => [orderId, ['booked', 'courier']])),
  );
  expect(external().ledger().requests.disturbed - before).toBe(4);
});

it('an order whose booking the carrier may have made waits for it, and the next one does not', async () => {
  const { reserve, carriersOf } = createShipping();
  await reserve('a');
  // the rates are kept: the carrier is chosen once more, and books without being heard
  external().disturb('carrier', { kind: 'reset', when: 'after' }, TRIES);

  const lost = await reserve('b');
  external().disturb('carrier', { kind: 'error', status: 503 }, TRIES);
  await reserve('c');
  const meanwhile = carriersOf();
  external().calm();
  const heard = external().ledger().parcels;

  expect(lost.kind).toBe('failed');
  expect(meanwhile).toStrictEqual({
    a: ['booked', 'carrier'],
    b: ['booking', 'carrier'],
    c: ['booked', 'courier'],
  });
  expect(heard.filter(({ reference }) => reference === 'b').map(({ system }) => system)).toStrictEqual(['carrier']);
});
