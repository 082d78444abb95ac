import { describe, expect, it } from 'vitest';
import { createHttpJournal, type PlacedOverHttp } from '../../../local/http/http-journal.ts';
import { checkAnsweredOrders, checkAnswers, checkOrdersOnce, checkPrivacy } from '../../../local/invariants/http.ts';

const NOON = Date.parse('2026-11-20T12:00:00.000Z');

const orderOf = (orderId: string, customerId = 'jane', placedAt = '2026-11-20T11:00:00.000Z') => ({
  tenantId: undefined,
  item: {
    orderId,
    customerId,
    lines: [],
    total: { currency: 'GBP', minorUnits: 100 },
    status: 'shipped' as const,
    placedAt,
  },
});

const command = (
  outcome: PlacedOverHttp['outcome'],
  orderId: string | undefined,
  customerId = 'jane',
): PlacedOverHttp => ({ tenantId: undefined, orderId, customerId, outcome });

describe('what is answered with success', () => {
  it('is there', () => {
    const check = checkAnsweredOrders({ orders: [orderOf('1')] }, { commands: [command('accepted', '1')] });

    expect(check).toMatchObject({ holds: true, detail: ['1 answered order'] });
  });

  it.each([
    ['an order that was lost', [], 'order 1 was answered with success, and does not exist'],
    ['an order of somebody else', [orderOf('1', 'john')], "order 1 was placed for jane, and is john's"],
  ])('does not hold with %s', (_, orders, finding) => {
    const check = checkAnsweredOrders({ orders }, { commands: [command('accepted', '1')] });

    expect(check).toMatchObject({ holds: false, detail: [finding] });
  });
});

describe('each order', () => {
  it('exists once, whatever is not known of a command without an answer, and whoever orders later', () => {
    const orders = [orderOf('1'), orderOf('2'), orderOf('mine', 'me', '2026-11-20T13:00:00.000Z')];
    const commands = [command('accepted', '1'), command('unknown', undefined), command('refused', undefined)];

    expect(checkOrdersOnce({ orders }, { commands, closedAt: NOON }).holds).toBe(true);
  });

  it.each([
    [
      'an order that a command has made twice',
      [orderOf('1'), orderOf('2')],
      [command('accepted', '1')],
      'order 2 exists, and no command was answered with it',
    ],
    [
      'an order of a command that was refused',
      [orderOf('1')],
      [command('refused', '1')],
      'order 1 exists, and its command was refused',
    ],
    [
      'an order that two commands were answered with',
      [orderOf('1')],
      [command('accepted', '1'), command('accepted', '1')],
      'order 1 was given to 2 commands',
    ],
  ])('does not hold with %s', (_, orders, commands, finding) => {
    expect(checkOrdersOnce({ orders }, { commands, closedAt: NOON })).toMatchObject({
      holds: false,
      detail: [finding],
    });
  });
});

it('tells of answers that differ, and of what customers were shown', () => {
  const journal = createHttpJournal();
  journal.wrong('POST /orders was answered 202 and then 422 under the same key');
  journal.probed('john asked for order 1 and was answered 404', false);
  journal.probed('john asked for order 2 and was answered 200', true);

  expect(checkAnswers(journal, 3)).toMatchObject({
    holds: false,
    detail: ['POST /orders was answered 202 and then 422 under the same key'],
  });
  expect(checkPrivacy(journal)).toMatchObject({
    holds: false,
    detail: ['john asked for order 2 and was answered 200'],
  });
});
