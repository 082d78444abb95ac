import { describe, expect, it } from 'vitest';
import { knownWaitOf } from '../../../lib/consumer/known-wait.ts';

const errorWith = (fields: object) => Object.assign(new Error('not now'), fields);

describe('what an error knows of the time to try again', () => {
  it.each<[object, number, boolean]>([
    [{ retryAfterSeconds: 30, deferrable: true }, 30, true],
    [{ retryAfterSeconds: 0.2, deferrable: true }, 1, true],
    [{ retryAfterSeconds: 30 }, 30, false],
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
