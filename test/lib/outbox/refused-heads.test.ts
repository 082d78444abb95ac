import { describe, expect, it } from 'vitest';
import type { NewEventRecord } from '../../../lib/outbox/event-record.ts';
import type { GroupHead, HeadMove } from '../../../lib/outbox/index.ts';
import { learnFromHeads, missingBefore, takenPlace } from '../../../lib/outbox/refused-heads.ts';
import { downgradeUnverified, explainUnverified } from '../../../lib/outbox/unverified-heads.ts';

const event = (group: string, sequence: number) => ({ type: `type of ${group}`, group, sequence }) as NewEventRecord;
const move = (group: string, from: number, by?: HeadMove['by']): HeadMove => ({
  group,
  from,
  to: from + 2,
  ...(by && { by }),
});

describe('a failed head update', () => {
  const events = [event('other', 1), event('a', 7), event('a', 6)];
  const learn = (head: GroupHead, by?: HeadMove['by'], group = 'a') => {
    const behind = new Map([['a', 1]]);
    learnFromHeads(new Map([[group, head]]), { heads: [move('other', 0), move('a', 5, by)], events }, behind);
    return [...behind];
  };

  it('means that another producer was first, if the head assigns sequences', () => {
    expect(learn({ last: 9 })).toStrictEqual([['a', 1]]);
    expect(() => learn({ last: 9, versioned: true })).toThrow(
      expect.objectContaining({
        code: 'OUTBOX_SEQUENCE_MIXED',
        message: expect.stringMatching(/^'type of a' has no sequence, but its group 'a' uses the aggregate/),
      }),
    );
  });

  it('means a taken sequence or an outdated head', () => {
    expect(() => learn({ last: 6, versioned: true }, 'versions')).toThrow(
      expect.objectContaining({
        code: 'OUTBOX_SEQUENCE_TAKEN',
        place: { type: 'type of a', group: 'a', sequence: 6 },
        last: 6,
      }),
    );
    expect(learn({ last: 3, versioned: true }, 'versions')).toStrictEqual([['a', 3]]);
    expect(learn({ last: 0 }, 'versions')).toStrictEqual([['a', 0]]);
    expect(learn({ last: 5, versioned: true }, 'versions-after-event')).toStrictEqual([]);
    expect(() => learn({ last: 3 }, 'versions')).toThrow(expect.objectContaining({ code: 'OUTBOX_SEQUENCE_MIXED' }));
  });

  it('means nothing if the commit has no update or no event of the group', () => {
    expect(learn({ last: 9, versioned: true }, undefined, 'unheard-of')).toStrictEqual([['a', 1]]);
    const behind = new Map<string, number>();
    learnFromHeads(new Map([['a', { last: 9 }]]), { heads: [move('a', 5, 'versions')], events: [] }, behind);
    learnFromHeads(new Map([['a', { last: 9, versioned: true }]]), { heads: [], events }, behind);
    expect([...behind]).toStrictEqual([]);
  });
});

describe('an event with the sequence of a committed one', () => {
  it('is reported as an aggregate’s own if the head was to assign the sequence', () => {
    const heads = [move('other', 0, 'versions'), move('a', 5)];

    expect(takenPlace(event('a', 6), { heads })).toMatchObject({ code: 'OUTBOX_SEQUENCE_MIXED', group: 'a' });
    expect(takenPlace(event('other', 1), { heads })).toMatchObject({ code: 'OUTBOX_SEQUENCE_TAKEN' });
    expect(takenPlace(event('single', 1), { heads })).toMatchObject({
      code: 'OUTBOX_SEQUENCE_TAKEN',
      last: undefined,
      message:
        "'type of single' cannot take sequence 1 of group 'single': the log has an event there; nothing was written: load the aggregate again and publish its next version",
    });
  });

  it('is reported as a gap before the first event of its group', () => {
    const events = [event('other', 1), event('a', 7), event('a', 6)];

    expect(missingBefore('a', { events }, new Map([['a', 3]]))).toMatchObject({
      code: 'OUTBOX_SEQUENCE_GAP',
      place: { type: 'type of a', group: 'a', sequence: 6 },
      last: 3,
    });
    expect(missingBefore('a', { events }, new Map())).toMatchObject({
      last: 0,
      message: expect.stringMatching(
        /^'type of a' cannot take sequence 6 of group 'a': the group has no head and the log has no event 5, expected is 1; /,
      ),
    });
  });
});

describe('an unverified head update', () => {
  const moves = [move('a', 5, 'versions-after-event'), move('b', 3, 'versions-after-event'), move('c', 1)];
  const proofs = downgradeUnverified(moves, ({ group }) => group === 'b');

  it('is retried as a normal version update', () => {
    expect(proofs).toStrictEqual({
      heads: [{ ...move('a', 5), by: 'versions' }, moves[1], moves[2]],
      unverified: [moves[0]],
    });
  });

  it.each([
    ['has no event before', 'a', 4, { kind: 'predecessor-missing', group: 'a' }],
    ['is taken: its head has caught up', 'a', 5, undefined],
    ['is taken: its head has gone on', 'a', 6, undefined],
    ['does not matter where another head has moved', 'c', 0, undefined],
  ])('%s', (_, group, last, expected) => {
    const outcome = { kind: 'head-moved', heads: new Map([[group, { last }]]) } as const;

    expect(explainUnverified(outcome, proofs)).toStrictEqual(expected ?? outcome);
  });

  it('does not change other outcomes', () => {
    expect(explainUnverified({ kind: 'committed' }, proofs)).toStrictEqual({ kind: 'committed' });
  });
});
