import { describe, expect, it } from 'vitest';
import { addMs } from '../../../lib/shared/time.ts';
import { logged, tombstone } from './log-fixture.ts';
import { blockedBy, createProcessorRig, cursorAt, failure, LONG_AGO, messageOf } from './processor-rig.ts';

const other = (sequence: number, type = 'other') => logged(sequence, { type } as never);

describe('an event that fails at the last of the attempts that operations have tuned', () => {
  const tuned = { maxAttempts: 2, maxReceiveCount: 5 };
  const waiting = (more = {}) => cursorAt(4, { seen: 5, blockedBy: blockedBy(5, more) });

  it('is a dead letter, and no receive that is left tries it', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: waiting(), attempts: { 5: [failure()] }, ...tuned });

    expect(await processMessage(messageOf(5, { receiveCount: 2 }))).toBe('return');

    expect(calls.slice(-3)).toStrictEqual([
      'save 4/5 waits 5 (/orders taken, LOCKED 2, dead, permanent)',
      'hide r-e5 0',
      expect.stringContaining('(/orders taken, LOCKED 2, dead, permanent)'),
    ]);
  });

  it('is retried as long as the queue gives it out when some of them waited for something else', async () => {
    const cursor = waiting({ deferred: true });
    const { processMessage, calls } = createProcessorRig({ cursor, attempts: { 5: [failure()] }, ...tuned });

    expect(await processMessage(messageOf(5, { receiveCount: 3 }))).toBe('return');

    expect(calls).toContain('save 4/5 waits 5 (/orders taken, LOCKED 3, retrying, deferred)');
  });

  it('leaves its last receive to the queue', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: waiting(), attempts: { 5: [failure()] }, ...tuned });

    await processMessage(messageOf(5, { receiveCount: 5 }));

    expect(calls).toContain('save 4/5 waits 5 (/orders taken, LOCKED 5, dead)');
  });
});

describe('a paused group', () => {
  const paused = { since: LONG_AGO, by: 'ann', reason: 'looking at it' } as const;

  it('records an event as seen, without reading the log, and handles nothing', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4, { paused }), log: [logged(5)] });

    expect(await processMessage(messageOf(7, { receiveCount: 9 }))).toBe('delete');
    expect(calls).toStrictEqual(['behind', 'save 4/7']);

    expect(await processMessage(messageOf(7))).toBe('delete');
    expect(calls).toStrictEqual(['behind']);
  });

  it('is not drained by a duplicate', async () => {
    const cursor = cursorAt(4, { seen: 6, paused });
    const { processMessage, calls } = createProcessorRig({ cursor, known: ['e4'], log: [logged(5), logged(6)] });

    expect(await processMessage(messageOf(4))).toBe('delete');
    expect(calls).not.toContainEqual(expect.stringContaining('try'));
  });

  it('keeps the message of an event that the cursor has passed without handling', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4, { paused }) });

    expect(await processMessage(messageOf(3))).toBe('blocked');
    expect(calls).toContainEqual('hide r-e3 300');
    expect(calls).not.toContainEqual(expect.stringContaining('try'));
  });

  it('keeps the message of an event whose type this code does not handle', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4, { paused }) });

    expect(await processMessage(messageOf(5, { type: 'other' }))).toBe('blocked');
    expect(calls).toStrictEqual(['hide r-e5 300']);
  });
});

describe('a blocked group', () => {
  const waiting = (more = {}) => cursorAt(4, { seen: 7, blockedBy: blockedBy(5, more) });

  it('records a later event as seen once, without reading the log', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: waiting() });

    expect(await processMessage(messageOf(7))).toBe('delete');
    expect(calls).toStrictEqual(['behind']);

    expect(await processMessage(messageOf(8))).toBe('delete');
    expect(calls).toStrictEqual(['behind', 'save 4/8 waits 5 (/orders taken, LOCKED 1, retrying)']);
  });

  it('keeps the message of a later event with an unknown type', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: waiting() });

    expect(await processMessage(messageOf(7, { type: 'other' }))).toBe('return');
    expect(calls).toStrictEqual(['behind', 'try r-e7 out of order (0)', 'return r-e7 LOCKED']);
  });

  it('records a later event at the second attempt if another execution was first', async () => {
    const others = [() => cursorAt(5, { revision: 9, seen: 7 })];
    const { processMessage, calls } = createProcessorRig({ cursor: waiting(), others });

    await processMessage(messageOf(8));

    expect(calls.slice(0, 6)).toStrictEqual([
      'behind',
      'save too late',
      'overtaken',
      'read cursor of g',
      'log 6 to 8',
      'try 6 (2): handled',
    ]);
  });

  it('looks for no earlier events when the blocking event arrives', async () => {
    const cursor = cursorAt(3, { seen: 5, blockedBy: blockedBy(5) });
    const { processMessage, calls } = createProcessorRig({ cursor, log: [other(4), logged(5)] });

    expect(await processMessage(messageOf(5))).toBe('delete');
    expect(calls).toStrictEqual(['log 5 to 5', 'try 5 (2): handled', 'resolved e5']);
  });

  it('handles the events before the blocking event', async () => {
    const cursor = cursorAt(4, { seen: 8, blockedBy: blockedBy(8) });
    const { processMessage, calls } = createProcessorRig({ cursor });

    expect(await processMessage(messageOf(6))).toBe('delete');
    expect(calls).toStrictEqual(['log 5 to 6', 'try 5 (2): handled', 'taken from the log', 'try 6 (2): handled']);
  });

  describe('by an event of an unknown type for an hour', () => {
    const removed = { since: LONG_AGO, type: 'removed' };
    const log = [other(5, 'removed'), logged(6), logged(7)];

    it('continues after the blocking event without reading the log', async () => {
      const { processMessage, calls } = createProcessorRig({ cursor: waiting(removed), log });

      expect(await processMessage(messageOf(6))).toBe('delete');
      expect(calls).toStrictEqual([
        'save 5/7',
        'unblocked from 5',
        'try 6 (2): handled',
        'log 7 to 8',
        'try 7 (2): handled',
        'taken from the log',
      ]);
    });

    it('continues even if the log no longer has the blocking event', async () => {
      const { processMessage, calls } = createProcessorRig({ cursor: waiting(removed), log: [logged(6), logged(7)] });

      await processMessage(messageOf(6));

      expect(calls[1]).toBe('unblocked from 5');
    });

    it('reports the release only if no other execution was first', async () => {
      const others = [() => cursorAt(5, { revision: 9 })];
      const { processMessage, calls } = createProcessorRig({ cursor: waiting(removed), log, others });

      await processMessage(messageOf(6));

      expect(calls).toStrictEqual(['save too late', 'overtaken', 'read cursor of g', 'try 6 (2): handled']);
    });

    it('first handles the events before the blocking event', async () => {
      const cursor = cursorAt(3, { seen: 7, blockedBy: blockedBy(5, removed) });
      const { processMessage, calls } = createProcessorRig({ cursor, log: [logged(4), ...log] });

      await processMessage(messageOf(6));

      expect(calls.slice(0, 5)).toStrictEqual([
        'log 4 to 5',
        'try 4 (2): handled',
        'taken from the log',
        'save 5/7',
        'unblocked from 5',
      ]);
    });

    it.each([
      ['an event of a type that no code takes', other(5, 'removed'), true],
      ['an operator’s word that there is none', tombstone(5), true],
      ['an event that it takes', logged(5), false],
      ['nothing', undefined, false],
    ])('reads the log if the cursor does not store the type; there is %s', async (_, entry, isReleased) => {
      const cursor = waiting({ since: LONG_AGO, source: undefined, type: undefined });
      const { processMessage, calls } = createProcessorRig({
        cursor,
        log: entry === undefined ? [] : [entry, logged(6), logged(7)],
      });

      await processMessage(messageOf(6));

      expect(calls.includes('unblocked from 5')).toBe(isReleased);
      expect(calls.includes('behind')).toBe(!isReleased);
    });

    it('keeps waiting for an event of a known type', async () => {
      const { processMessage, calls } = createProcessorRig({ cursor: waiting({ since: LONG_AGO }), log });

      expect(await processMessage(messageOf(6))).toBe('delete');
      expect(calls).toStrictEqual(['behind']);
    });

    it('keeps waiting during a possible deployment', async () => {
      const cursor = waiting({ ...removed, since: addMs(LONG_AGO, 1) });
      const { processMessage, calls } = createProcessorRig({ cursor, log });

      expect(await processMessage(messageOf(6))).toBe('delete');
      expect(calls).toStrictEqual(['behind']);
    });
  });
});
