import { describe, expect, it } from 'vitest';
import { type ApiCall, createApiClient } from '../../../local/http/api-client.ts';
import { createHttpDriver } from '../../../local/http/http-driver.ts';
import { createHttpJournal } from '../../../local/http/http-journal.ts';
import { createPeople } from '../../../local/http/people.ts';
import type { ShopCommand } from '../../../local/orders/shop-command.ts';
import { createFakeApi, createFakeTokens, DESCRIPTION, type FakeAnswer } from './fake-api.ts';

const { signal } = new AbortController();
const ORDER = {
  orderId: '1001',
  customerId: 'customer-1',
  lines: [{ sku: 'TEA', quantity: 1 }],
  total: { currency: 'GBP', minorUnits: 250 },
};
const place = (orderId = '1001'): ShopCommand => ({ kind: 'place', order: { ...ORDER, orderId }, tenantId: undefined });
const cancel = (orderId = '1001'): ShopCommand => ({ kind: 'cancel', orderId, tenantId: undefined });

/** A driver of a run with so many orders; people are known as `a-person-1`, and order what the API says. */
function createDriver(answers: readonly FakeAnswer[], orders = 10) {
  const machine = createFakeApi(answers);
  const person = createFakeApi(answers);
  const clientOf = (send: typeof machine.send) =>
    createApiClient({ description: DESCRIPTION, tokens: createFakeTokens(), send, wait: async () => undefined });
  const logins: string[] = [];
  let renewed = 0;
  const people = createPeople({
    accounts: {
      async logIn(name) {
        logins.push(name);
        const tokens = { ...createFakeTokens(), expired: () => undefined, renew: async () => `r-${++renewed}` };
        return { customerId: `a-${name}`, tokens };
      },
    },
    clientOf: () => clientOf(person.send),
    orders,
    tenantIds: [undefined],
  });
  const journal = createHttpJournal();
  const driver = createHttpDriver({ machineOf: () => clientOf(machine.send), people, journal });
  return { driver, journal, machine, person, logins, renewals: () => renewed };
}

const bodyOf = (body: string | undefined): ApiCall['body'] => JSON.parse(body ?? '{}');

describe('orders over HTTP', () => {
  it('are placed by the machine for the customer of the plan, under its id', async () => {
    const { driver, journal, machine } = createDriver([{ status: 202, body: { orderId: '1001' } }]);

    expect(await driver.send(place(), signal)).toMatchObject({ outcome: 'accepted', command: { order: ORDER } });

    expect(bodyOf(machine.requests[0]?.body)).toStrictEqual(ORDER);
    expect(journal.commands).toStrictEqual([
      { tenantId: undefined, orderId: '1001', customerId: 'customer-1', outcome: 'accepted' },
    ]);
  });

  it('are placed by people with tokens of their own, one in ten, under the id that the shop gives', async () => {
    const { driver, journal, person, logins } = createDriver([{ status: 202, body: { orderId: 'o-7' } }]);

    const answers = [];
    for (let order = 0; order < 10; order++) answers.push(await driver.send(place(`${1001 + order}`), signal));

    expect(logins).toStrictEqual(['person-1']);
    expect(person.requests.map(({ body }) => bodyOf(body))).toStrictEqual([{ lines: ORDER.lines, total: ORDER.total }]);
    expect(answers[5]).toMatchObject({ command: { order: { orderId: 'o-7', customerId: 'a-person-1' } } });
    expect(driver.asCarriedOut(place('1006'))).toMatchObject({ order: { orderId: 'o-7', customerId: 'a-person-1' } });
    expect(journal.counts).toMatchObject({ people: 1, ordersOfPeople: 1 });
  });

  it('are cancelled by who has placed them, under the id that the shop gave', async () => {
    const { driver, person } = createDriver([{ status: 202, body: { orderId: 'o-7' } }]);
    for (let order = 0; order < 6; order++) await driver.send(place(`${1001 + order}`), signal);

    expect(await driver.send(cancel('1006'), signal)).toMatchObject({
      outcome: 'accepted',
      command: { kind: 'cancel', orderId: 'o-7' },
    });

    expect(person.requests.at(-1)).toMatchObject({ method: 'POST', path: '/orders/o-7/cancellation' });
  });

  it('repeat the command of an order that the plan has twice', async () => {
    const { driver, journal, machine } = createDriver([{ status: 202, body: { orderId: '1001' } }]);

    for (let times = 0; times < 2; times++) await driver.send(place(), signal);

    expect(new Set(machine.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(journal.commands).toHaveLength(1);
  });

  it.each<[string, FakeAnswer, string, string]>([
    [
      'refuses them',
      { status: 422, body: { code: 'PLACE_ORDER_TOTAL_WRONG', detail: 'its total is 1' } },
      'refused',
      '422 PLACE_ORDER_TOTAL_WRONG: its total is 1',
    ],
    ['never answers', 'lost', 'unknown', 'lost'],
  ])('are not placed if the API %s', async (_, answer, outcome, reason) => {
    const { driver, journal } = createDriver([answer]);

    expect(await driver.send(place(), signal)).toMatchObject({ outcome: 'failed', reason });
    expect(journal.commands).toMatchObject([{ orderId: '1001', outcome }]);
  });

  it('renew the tokens of people in the middle of the run', async () => {
    const { driver, renewals } = createDriver([{ status: 202, body: { orderId: 'o-7' } }]);

    for (let order = 0; order < 30; order++) await driver.send(place(`${1001 + order}`), signal);

    expect(renewals()).toBe(1);
  });

  it('are asked for by other people in the end, who must not see them', async () => {
    const seen = createDriver([
      { status: 202, body: { orderId: 'o-7', orders: [] } },
      { status: 200, body: {} },
    ]);
    for (let order = 0; order < 6; order++) await seen.driver.send(place(`${1001 + order}`), signal);

    await seen.driver.probe(signal);

    expect(seen.journal.probes.seen.length).toBeGreaterThan(0);
    expect(seen.journal.probes.seen[0]).toMatch(
      /^person-1 asked for order \S+ \(getOrdersByOrderId\) and was answered 200$/,
    );
  });
});
