import { describe, expect, it } from 'vitest';
import { knownWaitOf, longestWaitSeconds } from '../../../lib/consumer/known-wait.ts';

const errorWith = (fields: object) => Object.assign(new Error('not now'), fields);

describe('what an error knows of the time to try again', () => {
  it.each<[object, number, boolean]>([
    [{ retryAfterSeconds: 30, deferrable: true }, 30, true],
    [{ retryAfterSeconds: 0.2, deferrable: true }, 1, true],
    [{ retryAfterSeconds: 30 }, 30, false],
    [{ retryAfterSeconds: 0, deferrable: true }, 0, true],
    [{ name: 'ThrottlingException' }, 0, true],
    [{ name: 'ThrottlingException', deferrable: false }, 0, false],
    [{ name: 'ThrottlingException', retryAfterSeconds: 3 }, 3, true],
    [{ retryAfterSeconds: 30, deferrable: 'yes' }, 30, false],
    [{ deferrable: true }, 0, false],
    [{ retryAfterSeconds: '30', deferrable: true }, 0, false],
    [{ retryAfterSeconds: -1, deferrable: true }, 0, false],
    [{ retryAfterSeconds: Number.NaN, deferrable: true }, 0, false],
    // SQS hides nothing for longer than twelve hours from its receive
    [{ retryAfterSeconds: 86_400, deferrable: true }, 42_300, true],
    [{}, 0, false],
  ])('is read from %j', (fields, retryAfterSeconds, deferrable) => {
    expect(knownWaitOf(errorWith(fields))).toStrictEqual({ retryAfterSeconds, deferrable });
  });
});

describe('the longest wait after a receive', () => {
  it.each([
    ['is what the queue may hide a message for, while all receives fit into its retention', 345_600, 5, 42_300],
    ['leaves room for all receives and the time between them', 86_400, 5, 14_400],
    ['gets short where there are many receives', 86_400, 1_000, 86],
  ])('%s', (_, retentionSeconds, maxReceiveCount, expected) => {
    expect(longestWaitSeconds(retentionSeconds, maxReceiveCount)).toBe(expected);
  });
});
