import { describe, expect, it } from 'vitest';
import { cursorPut, readCursor } from '../../../lib/consumer/dynamodb-cursor-store.ts';
import type { Blocker, Cursor } from '../../../lib/consumer/index.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';

const OWNER = { consumer: 'billing', group: 'order#1' };
const EXPIRES = 4_000 as EpochSeconds;
const WAITING_FOR: Blocker = {
  sequence: 5,
  since: 1_000 as EpochMs,
  attempts: 2,
  reason: { code: 'CARD_REFUSED', message: 'no' },
  state: 'retrying',
  permanent: false,
};

const cursor = (more: Partial<Cursor> = {}): Cursor => ({
  processed: 4,
  seen: 4,
  blockedBy: undefined,
  generation: 2,
  revision: 7,
  ...more,
});

const put = (next: Cursor, current = cursor()) => cursorPut('cursors', OWNER, current, next, EXPIRES);

describe('the change of a cursor', () => {
  it('is made on condition that nobody made another', () => {
    expect(put(cursor({ processed: 5, seen: 5 }))).toStrictEqual({
      TableName: 'cursors',
      Item: {
        format: { N: '1' },
        id: { S: 'billing#order#1' },
        consumer: { S: 'billing' },
        group: { S: 'order#1' },
        processed: { N: '5' },
        seen: { N: '5' },
        generation: { N: '2' },
        revision: { N: '8' },
        expires: { N: '4000' },
      },
      ConditionExpression: '#read = :read',
      ExpressionAttributeNames: { '#read': 'revision' },
      ExpressionAttributeValues: { ':read': { N: '7' } },
    });
  });

  it('has a format that older code cannot read while the group is paused or replayed, so that it defers the events', () => {
    const operator = { since: 1_000 as EpochMs, by: 'ann', reason: 'a test' };
    const replay = { ...operator, run: 'r1', upTo: 4, resumeAfter: 6 };
    const formatOf = (next: Cursor) => put(next).Item?.['format'];

    expect(formatOf(cursor({ paused: operator }))).toStrictEqual({ N: '2' });
    expect(formatOf(cursor({ processed: 3, seen: 6, replay }))).toStrictEqual({ N: '2' });
    expect(formatOf(cursor({ processed: 6, seen: 6, replay }))).toStrictEqual({ N: '1' });
    expect(formatOf(cursor({ processed: 0, replay: { ...replay, upTo: 0, resumeAfter: 0 } }))).toStrictEqual({
      N: '1',
    });
    expect(readCursor(put(cursor({ processed: 3, seen: 6, replay })).Item ?? {})).toMatchObject({
      processed: 3,
      replay,
    });
  });

  it('is made on condition that there is none, where it is the first', () => {
    expect(put(cursor(), cursor({ revision: 0 }))).toMatchObject({
      Item: { revision: { N: '1' } },
      ConditionExpression: 'attribute_not_exists(#read)',
      ExpressionAttributeNames: { '#read': 'revision' },
    });
    expect(put(cursor(), cursor({ revision: 0 }))).not.toHaveProperty('ExpressionAttributeValues');
  });

  it.each([
    ['waits for an event', cursor({ blockedBy: WAITING_FOR })],
    ['has seen what it has not processed', cursor({ seen: 5 })],
  ])('never expires while the group %s', (_, next) => {
    expect(put(next).Item).not.toHaveProperty('expires');
  });

  it('puts the group among those that wait as long as it does', () => {
    expect(put(cursor({ blockedBy: WAITING_FOR })).Item).toMatchObject({
      waitingShard: { S: expect.stringMatching(/^billing#\d$/) },
      waitingSince: { N: '1000' },
    });
    expect(put(cursor()).Item).not.toHaveProperty('waitingShard');
    expect(put(cursor()).Item).not.toHaveProperty('waitingFor');
  });

  it.each([cursor(), cursor({ blockedBy: WAITING_FOR }), cursor({ strictSince: 900 as EpochMs })])(
    'is read back as it was stored: %#',
    (next) => {
      expect(readCursor(put(next).Item ?? {})).toStrictEqual({ ...OWNER, ...next, revision: 8 });
    },
  );
});
