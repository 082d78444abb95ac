import { describe, expect, it } from 'vitest';
import type { ReceivedMessage } from '../../../lib/consumer/received-message.ts';
import { createRenewal } from '../../../lib/consumer/renewal.ts';
import type { CloudEvent } from '../../../lib/contracts/index.ts';
import { createTestBell } from '../../fixtures/bell.ts';
import { createTestClock } from '../../fixtures/event-maker.ts';

function open() {
  const bell = createTestBell();
  const clock = createTestClock();
  const counted: unknown[] = [];
  const metrics = { addMetric: (...metric: unknown[]) => void counted.push(metric) } as never;
  const renewal = createRenewal({ bell, clock, metrics });
  const renew = (event: Partial<CloudEvent> | undefined, messageGroup: string | undefined) =>
    renewal.renew({ event, messageGroup, body: 'body', receiptHandle: 'r1' } as ReceivedMessage);
  const timeBefore = (ms: number) => new Date(clock.now() - ms).toISOString();
  return { bell, counted, renew, timeBefore };
}

describe('a message whose receives are used up', () => {
  it('gets a new one in the group of its event, which is told by its age', async () => {
    const { bell, counted, renew, timeBefore } = open();

    expect(await renew({ partitionkey: 'account#7', time: timeBefore(90_000) }, 'odd')).toBe(true);

    expect(bell.rung).toStrictEqual([{ group: 'account#7', body: 'body' }]);
    expect(bell.acknowledged).toStrictEqual(['r1']);
    expect(counted).toStrictEqual([['RenewedEventAge', 'Milliseconds', 90_000]]);
  });

  it('gets one in its own group where it holds no event', async () => {
    const { bell, counted, renew } = open();

    expect(await renew(undefined, 'account#7')).toBe(true);

    expect(bell.rung).toStrictEqual([{ group: 'account#7', body: 'body' }]);
    expect(counted).toStrictEqual([]);
  });

  it('gets none without a group to put it into', async () => {
    const { bell, renew } = open();

    expect(await renew(undefined, undefined)).toBe(false);
    expect([...bell.rung, ...bell.acknowledged]).toStrictEqual([]);
  });

  it('is no younger than nothing where a clock is ahead', async () => {
    const { counted, renew, timeBefore } = open();

    await renew({ partitionkey: 'account#7', time: timeBefore(-5_000) }, undefined);

    expect(counted).toStrictEqual([['RenewedEventAge', 'Milliseconds', 0]]);
  });
});
