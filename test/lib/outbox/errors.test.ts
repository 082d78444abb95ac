import { describe, expect, it } from 'vitest';
import {
  ItemTwiceError,
  OutboxConditionError,
  OutboxContentionError,
  OutboxRequestError,
  OutboxThrottledError,
  OutboxUnsettledError,
  OutboxWriteError,
} from '../../../lib/outbox/errors.ts';
import { SequenceMixedError } from '../../../lib/outbox/sequence-errors.ts';
import { describeWrite, partsOf, subjectOf } from '../../../lib/outbox/write-subject.ts';

const subject = (index: number) => subjectOf({ Delete: { TableName: 't', Key: { id: { S: 'x' } } } }, index);
const written = (index: number) => `write ${index + 1} (Delete in table 't' of {"id":"x"})`;
const subjects = (count: number) => Array.from({ length: count }, (_, index) => subject(index));
const refused = (count: number) => new OutboxRequestError(subjects(count), new TypeError('odd')).message;
const REFUSED =
  'DynamoDB rejected the transaction (TypeError): odd; nothing was written: fix the write that caused it, one of';

describe('the errors of an outbox', () => {
  it('say that there is no item, and name no condition where there is none', () => {
    expect(new OutboxConditionError(subject(0), undefined, undefined)).toMatchObject({
      code: 'OUTBOX_CONDITION_FAILED',
      item: undefined,
      message: `${written(0)}: its condition '' failed, there is no such item; nothing was written`,
    });
  });

  it('name a write that DynamoDB refuses', () => {
    expect(new OutboxWriteError(subject(0), 'ValidationError', 'no')).toMatchObject({
      code: 'OUTBOX_WRITE_REFUSED',
      subject: { tableName: 't' },
    });
  });

  it('name up to five of the writes that a refusal can be about', () => {
    expect(refused(0)).toBe(`${REFUSED} the events`);
    expect(refused(5)).toBe(`${REFUSED} ${[0, 1, 2, 3, 4].map(written).join(', ')}`);
    expect(refused(7)).toBe(`${REFUSED} ${[0, 1, 2, 3, 4].map(written).join(', ')} and 2 more`);
    expect(new OutboxRequestError([], new TypeError('odd')).cause).toBeInstanceOf(TypeError);
  });

  it('name the writes of one item', () => {
    expect(new ItemTwiceError('t', subjects(2)).message).toContain(`, by ${written(0)} and ${written(1)}; nothing`);
    expect(new ItemTwiceError('t', subjects(3)).message).toContain(
      `, by two of ${written(0)} and ${written(1)} and ${written(2)}; nothing`,
    );
  });

  it.each([
    [0, 1],
    [0.999, 10],
  ])('spread the retries after contention over ten seconds: %d', (random, seconds) => {
    expect(new OutboxContentionError(['a', 'b'], 3, 'why', random)).toMatchObject({
      retryAfterSeconds: seconds,
      message:
        "another transaction was first at each of 3 attempts (last: why); nothing was written: try again later, or spread the load over more groups than 'a', 'b'",
    });
    expect(new OutboxContentionError([], 3, 'why', random).message).toMatch(
      /try again later, or check what else writes to these items$/,
    );
  });

  it.each([
    [0, 5],
    [0.999, 30],
  ])('spread those after throttling over half a minute: %d', (random, seconds) => {
    expect(new OutboxThrottledError(3, 'why', random)).toMatchObject({ retryAfterSeconds: seconds, attempts: 3 });
    expect(new OutboxUnsettledError(3, random)).toMatchObject({
      code: 'OUTBOX_UNSETTLED',
      retryAfterSeconds: seconds,
      message:
        'the transaction was still in progress after 3 attempts and may still be written: read its items before you try again',
    });
  });

  it('say that trying again does not help where numbers of two kinds come together', () => {
    expect(new SequenceMixedError('t', 'g', 3)).toMatchObject({ code: 'OUTBOX_SEQUENCE_MIXED' });
  });
});

describe('a write as errors name it', () => {
  it('is named by its action, its table and its key, whatever type that is of', () => {
    const Key = { id: { N: '12345678901234567890' } };

    expect(describeWrite(subjectOf({ ConditionCheck: { TableName: 't', Key, ConditionExpression: 'x' } }, 1))).toBe(
      'write 2 (ConditionCheck in table \'t\' of {"id":"12345678901234567890"})',
    );
    expect(describeWrite(subjectOf({}, 0))).toBe("write 1 (ConditionCheck in table '' of {})");
  });

  it('is named by no more than 200 characters of its key', () => {
    const Key = { id: { S: 'x'.repeat(300) } };
    const named = describeWrite(subjectOf({ Delete: { TableName: 't', Key } }, 0));

    expect(named).toBe(`write 1 (Delete in table 't' of {"id":"${'x'.repeat(193)})`);
  });

  it('has its condition, names and values where it has them', () => {
    expect(partsOf({ Delete: { TableName: 't', Key: {} } })).toStrictEqual({
      action: 'Delete',
      tableName: 't',
      target: {},
      condition: undefined,
      names: {},
      values: {},
    });
  });
});
