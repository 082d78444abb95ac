import { describe, expect, it } from 'vitest';
import { defineCounters, viewOf } from '../../../lib/projection/index.ts';
import { Moved, TURNOVER_VIEW } from './accounts.ts';
import { createRig } from './rig.ts';

/** 2^53 - 1: two of them are no number of JavaScript any more. */
const LARGEST = Number.MAX_SAFE_INTEGER;

/** Each movement adds the largest number as often as it says. */
const largest = (shards: number) =>
  defineCounters({
    name: 'largest',
    events: [Moved],
    view: TURNOVER_VIEW,
    parse: (item) => ({ ...(item as { readonly total?: number | bigint }) }),
    shards,
    on: {
      'com.example.account.moved': ({ data }) =>
        Array.from({ length: Math.abs(data.amount) }, () => ({
          key: { currency: 'GBP', day: 'all' },
          amounts: { total: Math.sign(data.amount) * LARGEST },
        })),
    },
  });

describe('a sum above 2^53', () => {
  it.each<[string, number, readonly (readonly [string, number])[], number | bigint]>([
    [
      'of parts within it',
      3,
      [
        ['a', 1],
        ['b', 1],
        ['c', 1],
      ],
      27_021_597_764_222_973n,
    ],
    [
      'of parts beyond it',
      3,
      [
        ['a', 1],
        ['a', 1],
        ['b', 1],
        ['b', 1],
        ['c', 1],
      ],
      45_035_996_273_704_955n,
    ],
    ['of one part', 1, Array.from({ length: 3 }, () => ['a', 1] as const), 27_021_597_764_222_973n],
    ['of one event', 1, [['a', 3]], 27_021_597_764_222_973n],
    ['below zero', 1, [['a', -2]], -18_014_398_509_481_982n],
    [
      'that comes back below it',
      3,
      [
        ['a', 2],
        ['b', -1],
        ['c', -1],
      ],
      0,
    ],
  ])('is exact: %s', async (_, shards, movements, total) => {
    const projection = largest(shards);
    const rig = createRig(projection);
    const events = [];
    for (const [accountId, amount] of movements) events.push(await rig.publish(Moved, { accountId, amount }));
    for (const event of events) await rig.handle(event);
    const expected = [{ currency: 'GBP', day: 'all', total }];

    expect((await rig.reader.sums({ partition: 'GBP' })).map(({ item }) => item)).toStrictEqual(expected);
    expect(viewOf(projection, events)).toStrictEqual(expected);
  });
});
