import { describe, expect, it } from 'vitest';
import type { CarriedMessage } from '../../../local/faults/carried-messages.ts';
import { createSpares } from '../../../local/faults/spares.ts';

const message = (
  id: string,
  receiveCount?: number,
  queueName: string | undefined = 'billing.fifo',
): CarriedMessage => ({
  id,
  queueName,
  receiveCount,
});

describe('what is spared', () => {
  it('are the last two receives of a message', () => {
    const spares = createSpares({});
    spares.learn(new Map([['billing.fifo', 5]]));

    expect([1, 2, 3, 4, 5].map((count) => spares.mayDisturb([message('m', count)]))).toStrictEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('is a whole batch for the sake of one message', () => {
    const spares = createSpares({});
    spares.learn(new Map([['billing.fifo', 5]]));

    expect(spares.mayDisturb([message('new', 1), message('old', 4)])).toBe(false);
  });

  it('is a message that does not tell how often it was received', () => {
    const spares = createSpares({});
    spares.learn(new Map([['billing.fifo', 5]]));

    expect(spares.mayDisturb([message('m')])).toBe(false);
  });

  it('is what has had its share', () => {
    const spares = createSpares({ mostPerMessage: 2 });
    const record = message('record', undefined, undefined);

    const before = [1, 2].map(() => {
      const may = spares.mayDisturb([record]);
      spares.disturb([record]);
      return may;
    });

    expect(before).toStrictEqual([true, true]);
    expect(spares.mayDisturb([record])).toBe(false);
  });

  it('is nothing on its last receive when the plan is to make dead letters', () => {
    const spares = createSpares({ sparesLastReceives: false });
    spares.learn(new Map([['billing.fifo', 5]]));

    expect(spares.mayDisturb([message('m', 5)])).toBe(true);
  });
});
