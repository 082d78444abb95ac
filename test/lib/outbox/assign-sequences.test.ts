import { describe, expect, it } from 'vitest';
import { assignSequences, groupsWithHead } from '../../../lib/outbox/assign-sequences.ts';
import type { EpochSeconds } from '../../../lib/shared/time.ts';

describe('the places of events', () => {
  const EXPIRES = 61 as EpochSeconds;
  const publication = (partitionkey: string, sequence?: number, grouped = true) =>
    ({ draft: { grouped, envelope: { type: 't', partitionkey } }, sequence }) as never;
  const assign = (...publications: never[]) =>
    assignSequences(
      publications,
      { lastUsed: new Map([['headed', { last: 4, lastExpires: 99 as EpochSeconds }]]), behind: new Map([['b', 2]]) },
      EXPIRES,
    );

  it('follow the head, or are the aggregate’s own, in any order', () => {
    const given = [
      publication('headed'),
      publication('e1', undefined, false),
      publication('a', 4),
      publication('headed'),
      publication('a', 2),
      publication('a', 3),
      publication('b', 3),
    ];

    expect(groupsWithHead(given)).toStrictEqual(['headed']);
    expect(assign(...given)).toStrictEqual({
      sequences: [5, 1, 4, 6, 2, 3, 3],
      previousExpires: [99, undefined, undefined, 99, undefined, undefined, undefined],
      heads: [
        { group: 'headed', from: 4, to: 6, lastExpires: 99 },
        { group: 'a', from: 1, to: 4, by: 'versions' },
        { group: 'b', from: 2, to: 3, by: 'versions-after-event' },
      ],
    });
  });

  it.each([
    [
      [publication('e1', 1, false)],
      "'t' was given sequence 1, but it has no group: leave the sequence out, or add a group to the event's definition",
    ],
    [
      [publication('headed'), publication('headed', 5)],
      "group 'headed' has events with and without a given sequence in one transaction ('t' has 5): set it for all events or for none",
    ],
    [[publication('a', 2), publication('a', 2)], "sequence 2 of group 'a' is used twice in one transaction"],
  ])('are refused where they cannot stand together: %#', (publications, message) => {
    expect(() => assign(...publications)).toThrow(
      expect.objectContaining({ code: 'OUTBOX_SEQUENCE_INVALID', message }),
    );
  });
});
