import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, blockedBy, canDrain } from '../../../lib/consumer/cursor.ts';
import type { Cursor } from '../../../lib/consumer/index.ts';
import { type Arrival, CRASHED, crashSuspectOf, decide as decideWith } from '../../../lib/consumer/order-gate.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

const NOW = 1_000 as EpochMs;
const LIMITS = { maxReceiveCount: 3 };
const REASON = { code: 'CARD_REFUSED', message: 'no' };

const cursor = (more: Partial<Cursor> = {}): Cursor => ({
  processed: 4,
  seen: 4,
  blockedBy: undefined,
  generation: 0,
  revision: 7,
  ...more,
});

const arrival = (sequence: number, receiveCount = 1, isTaken = true) => ({
  sequence,
  receiveCount,
  source: '/orders',
  type: 'placed',
  isTaken,
});

const decide = (from: Cursor, arrived: Arrival, next: number, now = NOW, isBlockerTaken = true) =>
  decideWith({ cursor: from, arrival: arrived, next, limit: LIMITS, now, isBlockerTaken });

const waiting = (sequence: number, attempts = 1, permanent = false): Cursor =>
  blockedBy(cursor(), { sequence, attempts, reason: REASON, permanent }, LIMITS, NOW);

const markedBefore = blockedBy(cursor(), { sequence: 5, attempts: 2, reason: CRASHED, permanent: false }, LIMITS, NOW);

describe('crashSuspect', () => {
  it('falls on an event whose turn it is and that comes again without a word', () => {
    expect(crashSuspectOf(cursor(), { sequence: 5, receiveCount: 2 })).toBe('once');
    expect(crashSuspectOf(undefined, { sequence: 1, receiveCount: 2 })).toBe('once');
  });

  it('grows when the event was marked before it was tried', () => {
    expect(crashSuspectOf(markedBefore, { sequence: 5, receiveCount: 3 })).toBe('repeated');
  });

  it('falls on what the cursor is past and comes again: it may be an event that is handled late', () => {
    expect(crashSuspectOf(cursor(), { sequence: 4, receiveCount: 2 })).toBe('once');
    expect(crashSuspectOf(cursor(), { sequence: 4, receiveCount: 1 })).toBe('none');
    expect(crashSuspectOf(markedBefore, { sequence: 4, receiveCount: 2 })).toBe('once');
  });

  it('spares first receives, what waits behind another event, and what is known to have failed', () => {
    expect(crashSuspectOf(markedBefore, { sequence: 5, receiveCount: 1 })).toBe('none');
    expect(crashSuspectOf(markedBefore, { sequence: 6, receiveCount: 2 })).toBe('none');
    expect(crashSuspectOf(waiting(5), { sequence: 5, receiveCount: 2 })).toBe('none');
  });
});

describe('the order gate', () => {
  it('lets the next event be tried', () => {
    expect(decide(cursor(), arrival(5), 5)).toStrictEqual({
      kind: 'try',
      mark: undefined,
    });
  });

  it('sends what is not beyond the cursor to be looked up', () => {
    expect(decide(cursor(), arrival(4), 4)).toStrictEqual({ kind: 'past' });
    expect(decide(waiting(5), arrival(3, 2), 3)).toStrictEqual({ kind: 'past' });
  });

  it('has a message carry what is missing before it, and hand it over when it comes a second time', () => {
    expect(decide(cursor(), arrival(8), 6)).toStrictEqual({
      kind: 'process-earlier',
      how: 'try',
    });
    expect(decide(cursor(), arrival(8, 2), 6)).toStrictEqual({
      kind: 'process-earlier',
      how: 'resend',
    });
  });

  it('only notes what comes behind a waiting event, whatever its receive count', () => {
    for (const receiveCount of [1, 2, 9]) {
      expect(decide(waiting(5), arrival(8, receiveCount), 8)).toStrictEqual({
        kind: 'wait',
        cursor: { ...waiting(5), seen: 8 },
      });
    }
  });

  describe('of a paused group', () => {
    const paused = { since: NOW, by: 'ann', reason: 'looking at it' } as const;

    it('only notes what arrives, whatever its receive count and what blocks the group', () => {
      for (const receiveCount of [1, 2, 9]) {
        expect(decide({ ...cursor(), paused }, arrival(5, receiveCount), 5)).toStrictEqual({
          kind: 'wait',
          cursor: { ...cursor(), paused, seen: 5 },
        });
        expect(decide({ ...waiting(5), paused }, arrival(8, receiveCount), 8)).toStrictEqual({
          kind: 'wait',
          cursor: { ...waiting(5), paused, seen: 8 },
        });
      }
    });

    it('has the end of the pause send a dead letter again that was redriven', () => {
      const dead = waiting(5, 5, true);

      expect(decide({ ...dead, paused }, arrival(5), 5)).toMatchObject({
        kind: 'wait',
        cursor: { paused, blockedBy: { sequence: 5, state: 'retrying', attempts: 0, permanent: false } },
      });
    });

    it('keeps the message of an event that this code does not handle', () => {
      expect(decide({ ...cursor(), paused }, arrival(5, 1, false), 5)).toStrictEqual({ kind: 'keep' });
    });

    it('looks up what is not beyond the cursor', () => {
      expect(decide({ ...cursor(), paused }, arrival(4), 4)).toStrictEqual({ kind: 'past' });
    });
  });

  it('marks an event that comes again before it is tried, since its execution may have died of it', () => {
    expect(decide(cursor(), arrival(5, 2), 5)).toMatchObject({
      kind: 'try',
      mark: { processed: 4, seen: 5, blockedBy: { sequence: 5, attempts: 2, reason: CRASHED, state: 'retrying' } },
    });
  });

  it('keeps the reason and the beginning of a waiting that goes on, and calls the last receive dead', () => {
    expect(decide(waiting(5), arrival(5, 3), 5, 9_000 as EpochMs)).toMatchObject({
      kind: 'try',
      mark: { blockedBy: { sequence: 5, attempts: 3, reason: REASON, since: NOW, state: 'dead' } },
    });
  });

  it('gives up an event whose failure is permanent, until somebody redrives it', () => {
    expect(decide(waiting(5, 1, true), arrival(5, 2), 5)).toMatchObject({
      kind: 'give-up',
    });
    expect(decide(waiting(5, 1, true), arrival(5), 5)).toStrictEqual({
      kind: 'try',
      mark: undefined,
    });
  });

  it('does not hold against an event what is known of a later one that the group waits for', () => {
    const before = waiting(7, 1, true);

    expect(decide(before, arrival(5, 2), 5)).toMatchObject({
      kind: 'try',
      mark: { blockedBy: { sequence: 5, reason: CRASHED } },
    });
    expect(advance(before, 5)).toStrictEqual({ ...before, processed: 5 });
    expect(advance(before, 7)).toStrictEqual({ ...cursor(), processed: 7, seen: 7 });
  });

  describe('for a type that this code does not take', () => {
    const HOUR_LATER = (NOW + 3_600_000) as EpochMs;
    const JUST_BEFORE = (NOW + 3_599_999) as EpochMs;

    it('lets an event wait whose turn it is, whatever its receive count', () => {
      expect(decide(cursor(), arrival(5, 1, false), 5)).toStrictEqual({ kind: 'unknown' });
      expect(decide(waiting(5), arrival(5, 2, false), 5, JUST_BEFORE, false)).toStrictEqual({ kind: 'unknown' });
    });

    it('holds the group for as long as a deployment can take', () => {
      expect(decide(waiting(5), arrival(8), 8, JUST_BEFORE, false)).toMatchObject({ kind: 'wait' });
    });

    it('lets the group go on at the next arrival after that, its own message or another', () => {
      for (const next of [arrival(5, 2, false), arrival(8)]) {
        expect(decide(waiting(5), next, next.sequence, HOUR_LATER, false)).toStrictEqual({
          kind: 'unblock',
          cursor: { ...cursor(), processed: 5, seen: next.sequence },
          blocker: waiting(5).blockedBy,
        });
      }
    });

    it('goes on waiting for an event that it takes, however long', () => {
      expect(decide(waiting(5), arrival(8), 8, HOUR_LATER)).toMatchObject({ kind: 'wait' });
    });

    it('handles what comes before the event first', () => {
      const before = blockedBy(cursor(), { sequence: 7, attempts: 1, reason: REASON, permanent: false }, LIMITS, NOW);

      expect(decide(before, arrival(8), 6, HOUR_LATER, false)).toStrictEqual({ kind: 'process-earlier', how: 'try' });
      expect(decide(before, arrival(6), 6, HOUR_LATER, false)).toStrictEqual({ kind: 'try', mark: undefined });
    });
  });

  it('drains what has been seen once nothing is waited for', () => {
    const held = blockedBy(
      { ...cursor(), seen: 9 },
      { sequence: 5, attempts: 3, reason: REASON, permanent: false },
      LIMITS,
      NOW,
    );

    expect(canDrain(held)).toBe(false);
    expect(canDrain(advance(held, 5))).toBe(true);
    expect(canDrain(advance(advance(held, 5), 9))).toBe(false);
  });

  it('never goes back, never forgets what was seen, and never waits behind what is processed', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('advance' as const), by: fc.integer({ min: 1, max: 3 }) }),
      fc.record({
        do: fc.constant('fail' as const),
        by: fc.integer({ min: 1, max: 3 }),
        attempts: fc.integer({ min: 0, max: 4 }),
      }),
      fc.record({
        do: fc.constant('arrive' as const),
        by: fc.integer({ min: -2, max: 6 }),
        receiveCount: fc.integer({ min: 1, max: 4 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let now = cursor();
        for (const each of steps) {
          const before = now;
          const sequence = before.processed + each.by;
          if (each.do === 'advance') now = advance(before, sequence);
          if (each.do === 'fail') {
            now = blockedBy(
              before,
              { sequence, attempts: each.attempts, reason: REASON, permanent: false },
              LIMITS,
              NOW,
            );
          }
          if (each.do === 'arrive' && sequence >= 1) {
            const decision = decide(
              before,
              arrival(sequence, each.receiveCount),
              Math.max(sequence, before.processed + 1),
            );
            if (decision.kind === 'wait') now = decision.cursor;
            if (decision.kind === 'try' && decision.mark !== undefined) now = decision.mark;
          }
          expect(now.processed).toBeGreaterThanOrEqual(before.processed);
          expect(now.seen).toBeGreaterThanOrEqual(before.seen);
          expect(now.seen).toBeGreaterThanOrEqual(now.processed);
          if (now.blockedBy !== undefined) expect(now.blockedBy.sequence).toBeGreaterThan(now.processed);
        }
      }),
    );
  });
});
