import { describe, expect, it } from 'vitest';
import { createHarness, happened } from 'waybill/testing';
import { AccountDeleted, AccountPreferencesChanged } from '../../functions/accounts/events.ts';
import { CustomerRegistered } from '../../functions/customers/events.ts';
import { addresseeSchema } from '../../functions/notifications/addressee.ts';
import { createFakeMailer } from '../../functions/notifications/fake-mailer.ts';
import { createNotificationsHandlers } from '../../functions/notifications/handler.ts';
import { customerPreferencesSchema } from '../../functions/notifications/mail-preferences.ts';
import type { Mailer } from '../../functions/notifications/mailer.ts';
import { MAIL_PREFERENCES_TABLE, NOTIFICATIONS_TABLE } from '../../functions/notifications/table.ts';
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
  const shop = createHarness({ tables: { notifications: NOTIFICATIONS_TABLE, preferences: MAIL_PREFERENCES_TABLE } });
  const mailer = createFakeMailer();
  const addressees = shop.table('notifications', (item) => addresseeSchema.parse(item));
  const preferences = shop.table('preferences', (item) => customerPreferencesSchema.parse(item));
  const notifications = shop.serve(createNotificationsHandlers({ addressees, preferences, mailer: change(mailer) }));
  return { shop, mailer, notifications };
}

describe('notifications', () => {
  it.each([
    ['account', 'Welcome to the shop. Your account is open.'],
    ['order', 'Welcome to the shop, and thank you for your first order.'],
    [undefined, 'Welcome to the shop, and thank you for your first order.'],
  ] as const)('welcomes a new customer by %s, and thanks only who has ordered', async (by, text) => {
    const { mailer, notifications } = createRig();

    await notifications.when(CustomerRegistered, { customerId: 'ann', by });

    expect(mailer.sent).toMatchObject([{ customerId: 'ann', subject: 'Welcome', text }]);
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

describe('the preferences of a customer', () => {
  const all = { orders: true, delivery: true, news: true };
  const wants = (mails: typeof all) => happened(AccountPreferencesChanged, { accountId: 'ann', language: 'en', mails });

  /** Subjects of what Ann gets to know of two orders. */
  async function subjectsWith(...before: readonly ReturnType<typeof happened>[]) {
    const { shop, mailer, notifications } = createRig();
    await shop.given({ events: [...before, happened(OrderPlaced, PLACED)] });
    await notifications.when(CustomerRegistered, { customerId: 'ann', by: 'account' });
    await notifications.when(ShipmentCreated, SHIPPED);
    await notifications.when(ShipmentDelivered, { ...SHIPPED, at: '2026-11-21T08:00:00.000Z' });
    await notifications.when(OrderCancelled, { orderId: '1002', customerId: 'ann', reason: 'stock' });
    return mailer.sent.map(({ subject }) => subject);
  }

  const [WELCOME, SHIPPED_MAIL, DELIVERED_MAIL] = ['Welcome', 'Order 1001 is shipped', 'Order 1001 is delivered'];
  const [NEWS, CANCELLED_MAIL] = ['New in the shop since order 1001', 'Order 1002 is cancelled'];

  it('are mail on orders and deliveries, and no news, until they say otherwise', async () => {
    expect(await subjectsWith()).toStrictEqual([WELCOME, SHIPPED_MAIL, DELIVERED_MAIL, CANCELLED_MAIL]);
  });

  it.each<[keyof typeof all, string]>([
    ['orders', SHIPPED_MAIL ?? ''],
    ['delivery', DELIVERED_MAIL ?? ''],
    ['news', NEWS ?? ''],
  ])('decide on mail about %s alone', async (kind, subject) => {
    const everything = [WELCOME, SHIPPED_MAIL, DELIVERED_MAIL, NEWS, CANCELLED_MAIL];

    expect(await subjectsWith(wants(all))).toStrictEqual(everything);
    expect(await subjectsWith(wants({ ...all, [kind]: false }))).toStrictEqual(
      everything.filter((each) => each !== subject),
    );
  });

  it('do not decide on mail about an account or about money', async () => {
    const nothing = { orders: false, delivery: false, news: false };

    expect(await subjectsWith(wants(nothing))).toStrictEqual([WELCOME, CANCELLED_MAIL]);
  });

  it('are those of the last change, and of this customer', async () => {
    const { shop } = createRig();
    await shop.given({ events: [wants(all), wants({ ...all, news: false })] });
    expect(shop.items('preferences')).toStrictEqual([{ customerId: 'ann', mails: { ...all, news: false } }]);
  });

  it('go with the account', async () => {
    const { shop, notifications } = createRig();
    await shop.given({ events: [wants(all)] });

    await notifications.when(AccountDeleted, { accountId: 'ann' });

    expect(shop.items('preferences')).toStrictEqual([]);
  });

  it('send each of two mails of one event once, whichever was lost', async () => {
    const { shop, mailer, notifications } = createRig();
    await shop.given({ events: [wants(all), happened(OrderPlaced, PLACED)] });
    await notifications.when(
      ShipmentDelivered,
      { ...SHIPPED, at: '2026-11-21T08:00:00.000Z' },
      { crash: 'before-commit' },
    );

    await notifications.again();

    expect(mailer.sent.map(({ subject }) => subject)).toStrictEqual([DELIVERED_MAIL, NEWS]);
  });
});
