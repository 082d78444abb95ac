import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../../../local/clock.ts';
import type { SendCommand } from '../../../local/orders/send-command.ts';
import { type SendCommandsOptions, sendCommands } from '../../../local/orders/send-commands.ts';
import { orderKeyOf, type ShopCommand } from '../../../local/orders/shop-command.ts';

const place = (orderId: string): ShopCommand => ({
  kind: 'place',
  tenantId: undefined,
  order: { orderId, customerId: 'c', lines: [], total: { currency: 'GBP', minorUnits: 1 } },
});

const cancel = (orderId: string): ShopCommand => ({ kind: 'cancel', tenantId: undefined, orderId });

const ordersOf = (count: number): ShopCommand[] =>
  Array.from({ length: count }, (_, index) => place(String(index + 1)));

const nameOf = (command: ShopCommand): string => `${command.kind === 'place' ? '' : '-'}${orderKeyOf(command)}`;

const start = (count: number, more: Partial<SendCommandsOptions> = {}) => {
  const clock = createMovableClock(() => 0);
  const answered: string[] = [];
  const done = sendCommands({
    commands: ordersOf(count),
    send: async (command) => ({ command, outcome: 'accepted' }),
    clock,
    ordersPerSecond: undefined,
    isBehind: () => false,
    signal: new AbortController().signal,
    onAnswer: ({ command }) => answered.push(nameOf(command)),
    ...more,
  });
  done.catch(() => {});
  return { clock, answered, done };
};

/** Sends commands that are answered only when the test says so. */
const createSlowSend = () => {
  const begun: string[] = [];
  const answers: (() => void)[] = [];
  const send: SendCommand = (command) => {
    begun.push(nameOf(command));
    return new Promise((resolve) => answers.push(() => resolve({ command, outcome: 'accepted' })));
  };
  return { begun, answers, send };
};

describe('sendCommands', () => {
  it('places every order, in order', async () => {
    const { answered, done } = start(6);

    await done;

    expect(answered).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('sends four orders at a time', async () => {
    const { begun, answers, send } = createSlowSend();
    start(10, { send });
    await setImmediate();
    expect(begun).toEqual(['1', '2', '3', '4']);

    answers[1]?.();
    await setImmediate();

    expect(begun).toEqual(['1', '2', '3', '4', '5']);
  });

  it('starts orders at the requested rate', async () => {
    const { clock, answered, done } = start(4, { ordersPerSecond: 2 });
    await setImmediate();
    expect(answered).toEqual(['1']);

    clock.advance(499);
    await setImmediate();
    expect(answered).toEqual(['1']);

    clock.advance(1);
    await setImmediate();
    expect(answered).toEqual(['1', '2']);

    clock.advance(1000);
    await done;
    expect(answered).toEqual(['1', '2', '3', '4']);
  });

  it('starts no order while the shop is behind, and continues when it has caught up', async () => {
    let behind = true;
    const { clock, answered, done } = start(3, { isBehind: () => behind });
    await setImmediate();
    clock.advance(60_000);
    await setImmediate();
    expect(answered).toEqual([]);

    behind = false;
    clock.advance(20);
    await done;

    expect(answered).toEqual(['1', '2', '3']);
  });

  it('keeps a requested rate, even if the shop is behind', async () => {
    const { clock, answered, done } = start(2, { ordersPerSecond: 1, isBehind: () => true });
    await setImmediate();

    clock.advance(1000);
    await done;

    expect(answered).toEqual(['1', '2']);
  });

  it('stops waiting, with the reason of the signal, when interrupted', async () => {
    const controller = new AbortController();
    const { answered, done } = start(4, { ordersPerSecond: 1, signal: controller.signal });
    await setImmediate();

    controller.abort(new Error('enough'));

    await expect(done).rejects.toThrow('enough');
    expect(answered).toEqual(['1']);
  });

  it('places no further order after one rejects, and lets those in progress end', async () => {
    const { begun, answers, send } = createSlowSend();
    const failing: SendCommand = (command, signal) =>
      orderKeyOf(command) === '2' ? Promise.reject(new Error('no connection')) : send(command, signal);
    const { answered, done } = start(10, { send: failing });
    await setImmediate();
    for (const answer of answers.splice(0)) answer();

    await expect(done).rejects.toThrow('no connection');
    expect(begun).toEqual(['1', '3', '4']);
    expect(answered).toEqual(['1', '3', '4']);
  });

  it('cancels an order after its placing was answered', async () => {
    const { begun, answers, send } = createSlowSend();
    const { answered, done } = start(0, { send, commands: [place('1'), cancel('1'), place('2')] });
    await setImmediate();
    expect(begun).toEqual(['1', '2']);

    for (const answer of answers.splice(0)) answer();
    await setImmediate();
    for (const answer of answers.splice(0)) answer();
    await done;

    expect(begun).toEqual(['1', '2', '-1']);
    expect(answered).toEqual(['1', '2', '-1']);
  });

  it('counts orders for the rate, not cancellations', async () => {
    const { clock, answered, done } = start(0, {
      ordersPerSecond: 1,
      commands: [place('1'), cancel('1'), place('2')],
    });
    await setImmediate();
    await setImmediate();
    expect(answered).toEqual(['1', '-1']);

    clock.advance(1000);
    await done;

    expect(answered).toEqual(['1', '-1', '2']);
  });
});
