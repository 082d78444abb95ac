import { describe, expect, it } from 'vitest';
import type { CallFunction } from '../../../local/orders/function-calls.ts';
import { describeOrder, orderKey, readOrderKey } from '../../../local/orders/order-key.ts';
import type { OrderStep } from '../../../local/orders/order-plan.ts';
import { createSendCommand } from '../../../local/orders/send-command.ts';
import { commandsOf, orderKeyOf, type ShopCommand } from '../../../local/orders/shop-command.ts';
import { shopOf } from './shop-of.ts';

const order = { orderId: '1', customerId: 'c', lines: [], total: { currency: 'GBP', minorUnits: 1 } };
const steps: OrderStep[] = [
  { kind: 'place', order },
  { kind: 'cancel', orderId: '1' },
];

const inShort = (command: ShopCommand) => `${command.kind} ${orderKeyOf(command)}`;

describe('commandsOf', () => {
  it('gives each step to every tenant in turn', () => {
    expect([...commandsOf(steps, ['a', 'b'])].map(inShort)).toEqual([
      'place a#1',
      'place b#1',
      'cancel a#1',
      'cancel b#1',
    ]);
  });

  it('names no tenant if there are no tenants', () => {
    expect([...commandsOf(steps, [undefined])].map(inShort)).toEqual(['place 1', 'cancel 1']);
  });
});

describe('order keys', () => {
  it.each([
    [{ tenantId: undefined, orderId: '1001' }, '1001', 'order 1001'],
    [{ tenantId: 'tenant-2', orderId: '1001' }, 'tenant-2#1001', 'order 1001 of tenant-2'],
  ])('tell %j', (ref, key, words) => {
    expect(orderKey(ref)).toBe(key);
    expect(readOrderKey(key)).toEqual(ref);
    expect(describeOrder(key)).toBe(words);
  });
});

describe('createSendCommand', () => {
  const send = async (command: ShopCommand, answer: Awaited<ReturnType<CallFunction>>) => {
    const called: string[] = [];
    const call: CallFunction = async (functionName, payload) => {
      called.push(`${functionName} ${JSON.stringify(payload)}`);
      return answer;
    };
    return { answer: await createSendCommand(call, shopOf('1'))(command, new AbortController().signal), called };
  };

  it('places and cancels through the matching function, with the tenant', async () => {
    const command: ShopCommand = { kind: 'cancel', orderId: '1', tenantId: 'a' };

    expect(await send(command, { kind: 'answered', answer: {} })).toEqual({
      answer: { command, outcome: 'accepted' },
      called: ['cancel-1 {"orderId":"1","tenantId":"a"}'],
    });
  });

  it('reports why the shop refused', async () => {
    const command: ShopCommand = { kind: 'place', order, tenantId: undefined };

    expect(await send(command, { kind: 'failed', reason: 'Error: no' })).toEqual({
      answer: { command, outcome: 'failed', reason: 'Error: no' },
      called: ['place-1 {"orderId":"1","customerId":"c","lines":[],"total":{"currency":"GBP","minorUnits":1}}'],
    });
  });
});
