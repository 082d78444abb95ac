import { describe, expect, it } from 'vitest';
import { createHarness, happened } from 'waybill/testing';
import { CustomerRegistered } from '../../functions/customers/events.ts';
import { addresseeSchema } from '../../functions/notifications/addressee.ts';
import { createFakeMailer } from '../../functions/notifications/fake-mailer.ts';
import { createNotificationsHandlers } from '../../functions/notifications/handler.ts';
import type { Mailer } from '../../functions/notifications/mailer.ts';
import { NOTIFICATIONS_TABLE } from '../../functions/notifications/table.ts';
import { OrderCancelled, OrderPlaced } from '../../functions/orders/events.ts';
import { ShipmentCreated, ShipmentDelivered } from '../../functions/shipping/events.ts';

const PLACED = {
  orderId: '1001',
  customerId: 'ann',
  lines: [{ sku: 'TEA', quantity: 1 }],
  total: { currency: 'GBP', minorUnits: 250 },
};
const SHIPPED = { orderId: '1001', shipmentId: 'S-1' };

function createRig(change: (mailer: Mailer) => Mailer = (mailer) => mailer) {
  const shop = createHarness({ tables: { notifications: NOTIFICATIONS_TABLE } });
  const mailer = createFakeMailer();
  const addressees = shop.table('notifications', (item) => addresseeSchema.parse(item));
  const notifications = shop.serve(createNotificationsHandlers({ addressees, mailer: change(mailer) }));
  return { shop, mailer, notifications };
}

describe('notifications', () => {
  it('welcomes a new customer', async () => {
    const { mailer, notifications } = createRig();

    await notifications.when(CustomerRegistered, { customerId: 'ann' });

    expect(mailer.sent).toMatchObject([{ customerId: 'ann', subject: 'Welcome' }]);
  });

  it('tells the customer of a delivery', async () => {
    const { shop, mailer, notifications } = createRig();
    await shop.given({ events: [happened(OrderPlaced, PLACED)] });

    await notifications.when(ShipmentDelivered, { ...SHIPPED, at: '2026-11-21T08:00:00.000Z' });

    expect(mailer.sent).toMatchObject([{ customerId: 'ann', subject: 'Order 1001 is delivered' }]);
  });

  it('notifies the customer of a shipped order', async () => {
    const { shop, mailer, notifications } = createRig();
    await shop.given({ events: [happened(OrderPlaced, PLACED)] });

    await notifications.when(ShipmentCreated, SHIPPED);

    expect(mailer.sent).toMatchObject([
      { customerId: 'ann', subject: 'Order 1001 is shipped', text: 'Your order 1001 has left us as parcel S-1.' },
    ]);
  });

  it.each([
    ['payment', 'the payment was declined'],
    ['stock', 'something is out of stock'],
    ['customer', 'you asked for it'],
  ] as const)('says why an order is cancelled: %s', async (reason, words) => {
    const { mailer, notifications } = createRig();

    await notifications.when(OrderCancelled, { orderId: '1001', customerId: 'ann', reason });

    expect(mailer.sent).toMatchObject([{ subject: 'Order 1001 is cancelled', text: expect.stringContaining(words) }]);
  });

  it.each([{}, { forgotten: true }])('sends a mail once if its event is delivered again: %j', async (options) => {
    const { shop, mailer, notifications } = createRig();
    await shop.given({ events: [happened(OrderPlaced, PLACED)] });
    await notifications.when(ShipmentCreated, SHIPPED, { crash: 'before-commit' });

    await notifications.again(options);
    await notifications.again(options);

    expect(mailer.sent).toHaveLength(1);
  });

  it('retries under the same key if it is not known whether the mail was sent', async () => {
    let isDown = true;
    const keys: string[] = [];
    const { shop, mailer, notifications } = createRig((fake) => ({
      async send(mail, signal) {
        keys.push(mail.idempotencyKey);
        await fake.send(mail, signal);
        if (isDown) throw new Error('no answer');
      },
    }));
    await shop.given({ events: [happened(OrderPlaced, PLACED)] });

    const first = await notifications.when(ShipmentCreated, SHIPPED);
    isDown = false;
    const second = await notifications.again();

    expect([first.kind, second.kind]).toStrictEqual(['failed', 'handled']);
    expect(new Set(keys).size).toBe(1);
    expect(mailer.sent).toHaveLength(1);
  });

  it('retries events of an order that it does not know yet', async () => {
    const { notifications } = createRig();

    expect(await notifications.when(ShipmentCreated, SHIPPED)).toMatchObject({
      kind: 'failed',
      failure: { code: 'SHOP_ORDER_UNKNOWN' },
    });
  });
});
