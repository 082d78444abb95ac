import { describe, expect, it } from 'vitest';
import { headUpdate, readHead } from '../../../lib/outbox/assign-sequences.ts';
import type { HeadMove } from '../../../lib/outbox/index.ts';
import type { EpochSeconds } from '../../../lib/shared/time.ts';

const LAST = { '#last': 'last', '#kind': 'kind', '#format': 'format' };
const VERSIONED = { '#versioned': 'versioned' };
const to = (sequence: number) => ({ ':to': { N: String(sequence) }, ':head': { S: 'HEAD' }, ':format': { N: '1' } });
const update = (move: Omit<HeadMove, 'group'>) => headUpdate('outbox', { group: 'g', ...move }).Update;

describe('the move of a head', () => {
  it.each<[string, Omit<HeadMove, 'group'>, object]>([
    [
      'of a group without one',
      { from: 0, to: 2 },
      {
        UpdateExpression: 'SET #last = :to, #kind = :head, #format = :format',
        ConditionExpression: 'attribute_not_exists(#last)',
        ExpressionAttributeNames: LAST,
        ExpressionAttributeValues: to(2),
      },
    ],
    [
      'that gives the numbers',
      { from: 2, to: 3, by: 'head', lastExpires: 61 as EpochSeconds },
      {
        UpdateExpression: 'SET #last = :to, #kind = :head, #format = :format, #lastExpires = :lastExpires',
        ConditionExpression: '#last = :from AND attribute_not_exists(#versioned)',
        ExpressionAttributeNames: { ...LAST, ...VERSIONED, '#lastExpires': 'lastExpires' },
        ExpressionAttributeValues: { ...to(3), ':from': { N: '2' }, ':lastExpires': { N: '61' } },
      },
    ],
    [
      'of an aggregate’s first version',
      { from: 0, to: 1, by: 'versions' },
      {
        UpdateExpression: 'SET #last = :to, #kind = :head, #format = :format, #versioned = :true',
        ConditionExpression: 'attribute_not_exists(#last)',
        ExpressionAttributeNames: { ...LAST, ...VERSIONED },
        ExpressionAttributeValues: { ...to(1), ':true': { BOOL: true } },
      },
    ],
    [
      'of its later ones',
      { from: 4, to: 5, by: 'versions' },
      {
        UpdateExpression: 'SET #last = :to, #kind = :head, #format = :format, #versioned = :true',
        ConditionExpression: '#last = :from AND #versioned = :true',
        ExpressionAttributeNames: { ...LAST, ...VERSIONED },
        ExpressionAttributeValues: { ...to(5), ':from': { N: '4' }, ':true': { BOOL: true } },
      },
    ],
    [
      'that is behind, and whose event before is in the log',
      { from: 4, to: 5, by: 'versions-after-event' },
      {
        UpdateExpression: 'SET #last = :to, #kind = :head, #format = :format, #versioned = :true',
        ConditionExpression: 'attribute_not_exists(#last) OR (#last < :from AND #versioned = :true)',
        ExpressionAttributeNames: { ...LAST, ...VERSIONED },
        ExpressionAttributeValues: { ...to(5), ':from': { N: '4' }, ':true': { BOOL: true } },
      },
    ],
    [
      'that is proven, before which there is nothing',
      { from: 0, to: 1, by: 'versions-after-event' },
      {
        UpdateExpression: 'SET #last = :to, #kind = :head, #format = :format, #versioned = :true',
        ConditionExpression: 'attribute_not_exists(#last)',
        ExpressionAttributeNames: { ...LAST, ...VERSIONED },
        ExpressionAttributeValues: { ...to(1), ':true': { BOOL: true } },
      },
    ],
  ])('is made on condition that nobody else has moved it: %s', (_, move, expected) => {
    expect(update(move)).toStrictEqual({
      TableName: 'outbox',
      Key: { partitionkey: { S: 'g' }, sequence: { N: '0' } },
      ...expected,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
  });
});

describe('a head', () => {
  it('is read as far as it is there', () => {
    const last = { N: '4' };

    expect(readHead(undefined)).toStrictEqual({ last: 0 });
    expect(readHead({})).toStrictEqual({ last: 0 });
    expect(readHead({ last })).toStrictEqual({ last: 4 });
    expect(readHead({ last, lastExpires: { N: '61' } })).toStrictEqual({ last: 4, lastExpires: 61 });
    expect(readHead({ last, versioned: { BOOL: true } })).toStrictEqual({ last: 4, versioned: true });
    expect(readHead({ last, versioned: { BOOL: false } })).toStrictEqual({ last: 4 });
  });
});
