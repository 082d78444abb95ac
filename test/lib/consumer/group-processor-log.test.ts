import { describe, expect, it } from 'vitest';
import { typeHash } from '../../../lib/consumer/cursor.ts';
import { addMs } from '../../../lib/shared/time.ts';
import { logged, NOW, NOW_SECONDS, tombstone } from './log-fixture.ts';
import { createProcessorRig, cursorAt, failure, messageOf } from './processor-rig.ts';

const other = (sequence: number, type = 'other') => logged(sequence, { type } as never);

const secondsAgo = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString();

describe('a group with a message whose earlier events have not come', () => {
  it('takes them from the log, and then tries the message’s own', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4) });

    expect(await processMessage(messageOf(7))).toBe('delete');
    expect(calls).toStrictEqual([
      'log 5 to 7',
      'try 5 (2): handled',
      'taken from the log',
      'try 6 (2): handled',
      'taken from the log',
      'try 7 (2): handled',
    ]);
  });

  it('takes one of an unknown type in its turn that has a message in the batch, and steps over any other', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), log: [other(5), other(6), logged(7)] });

    await processMessage(messageOf(7), [messageOf(6, { type: 'other' })]);

    expect(calls.filter((call) => call.startsWith('try'))).toStrictEqual(['try 6 (2): handled', 'try 7 (2): handled']);
  });

  it('looks whether the log has its own event, since it has read that', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4) });

    expect(await processMessage(messageOf(6, { id: 'x6' }))).toBe('return');
    expect(calls).toStrictEqual([
      'log 5 to 6',
      'try 5 (2): handled',
      'taken from the log',
      'try 6 (2): handled',
      'taken from the log',
      'inbox x6 (2)',
      'return r-x6 EVENT_ID_MISMATCH',
    ]);
  });

  it('resends the first one if too little time is left, and notes what it has seen', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), isTimeShort: true });

    expect(await processMessage(messageOf(7))).toBe('delete');
    expect(calls).toStrictEqual(['log 5 to 7', 'resend g {"n":5}', 'save 4/7']);
  });

  it('notes what it has seen at the second try where another execution was first', async () => {
    const others = [() => cursorAt(4, { revision: 9 })];
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), isTimeShort: true, others });

    expect(await processMessage(messageOf(7))).toBe('delete');
    expect(calls).toStrictEqual([
      'log 5 to 7',
      'resend g {"n":5}',
      'save too late',
      'overtaken',
      'read cursor of g',
      'resend g {"n":5}',
      'save 4/7',
    ]);
  });

  it('hides the message where another execution is handling the event', async () => {
    const busy = { kind: 'busy', until: addMs(NOW, 30_000) } as const;
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), attempts: { 5: [busy] } });

    expect(await processMessage(messageOf(7))).toBe('blocked');
    expect(calls).toStrictEqual(['log 5 to 7', 'try 5 (2): busy', 'hide r-e7 31']);
  });

  it.each([
    ['failed', failure(), 'LOCKED 0, retrying'],
    ['that nobody can read', failure({ code: 'EVENT_MALFORMED' }), 'EVENT_MALFORMED 0, dead, permanent'],
  ])('gives an event %s a message of its own, and settles the one that comes without a try', async (_, result, how) => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), attempts: { 5: [result] } });

    expect(await processMessage(messageOf(7))).toBe('delete');
    expect(calls).toStrictEqual([
      'log 5 to 7',
      'try 5 (2): failed',
      'resend g {"n":5}',
      `save 4/7 waits 5 (/orders taken, ${how})`,
      `failed {"n":5} 4/7 waits 5 (/orders taken, ${how}) at deposit`,
    ]);

    expect(await processMessage(messageOf(5))).toBe('delete');
    expect(calls).toStrictEqual([]);
  });

  it('tries no event that may have ended the process with this message: it gets one of its own', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4) });

    expect(await processMessage(messageOf(7, { receiveCount: 2 }))).toBe('delete');
    expect(calls).toStrictEqual([
      'log 5 to 7',
      'resend g {"n":5}',
      'save 4/7 waits 5 (/orders taken, EXECUTION_DIED 0, retrying)',
    ]);

    await processMessage(messageOf(5));
    expect(calls).toContain('try 5 (2): handled');
  });

  it('gives it none twice where another execution was first', async () => {
    const others = [() => cursorAt(5, { revision: 9 })];
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), attempts: { 5: [failure()] }, others });

    await processMessage(messageOf(6));

    expect(calls).toStrictEqual([
      'log 5 to 6',
      'try 5 (2): failed',
      'resend g {"n":5}',
      'save too late',
      'overtaken',
      'read cursor of g',
      'try 6 (2): handled',
    ]);
  });

  it('steps over places that are gone, and tells of it once it is noted', async () => {
    const log = [logged(6, { previousExpires: NOW_SECONDS }), logged(7)];
    const others = [() => cursorAt(4, { revision: 9, seen: 6 })];
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), log, others });

    expect(await processMessage(messageOf(7))).toBe('delete');
    expect(calls.filter((call) => !call.startsWith('log'))).toStrictEqual([
      'save too late',
      'overtaken',
      'read cursor of g',
      'save 5/6',
      'stepped over 5 to 5, expired, 6',
      'try 6 (2): handled',
      'taken from the log',
      'try 7 (2): handled',
    ]);
  });

  it('waits for what the log must hold, as after a failure that says nothing', async () => {
    const { processMessage, calls } = createProcessorRig({
      cursor: cursorAt(4),
      log: [logged(7, { committedAt: NOW })],
    });

    expect(await processMessage(messageOf(7, { receiveCount: 1 }))).toBe('blocked');
    expect(calls.filter((call) => !call.startsWith('log'))).toStrictEqual(['hide r-e7 10', 'missing r-e7 5 to 6']);
  });

  it.each([
    { time: secondsAgo(0), waits: 20 },
    { time: secondsAgo(600), waits: 20 + 60 },
    { time: secondsAgo(86_400), waits: 20 + 300 },
  ])('waits for it ever longer with the age of its event: $waits s', async ({ time, waits }) => {
    const { processMessage, calls } = createProcessorRig({
      cursor: cursorAt(4),
      log: [logged(7, { committedAt: NOW })],
    });

    await processMessage(messageOf(7, { receiveCount: 2, time }));

    expect(calls).toContain(`hide r-e7 ${waits}`);
  });

  it('waits for it by its age from the first receive on, where the second is the last', async () => {
    const log = [logged(7, { committedAt: NOW })];
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), log, maxReceiveCount: 2 });

    await processMessage(messageOf(7, { receiveCount: 1, time: secondsAgo(600) }));

    expect(calls).toContain('hide r-e7 70');
  });
});

describe('a group behind whose cursor other code has seen events', () => {
  it('sends those again that the other code takes, and steps over those that nobody takes', async () => {
    const seenTypes = [
      { source: '/orders', type: 'taken' },
      { source: '/orders', type: 'added' },
    ].map(typeHash);
    const { processMessage, calls } = createProcessorRig({
      cursor: cursorAt(5, { seen: 7, seenTypes }),
      known: ['e5'],
      log: [other(6, 'stranger'), other(7, 'added')],
    });

    await processMessage(messageOf(5));

    expect(calls.filter((call) => call.startsWith('resend') || call.startsWith('save'))).toStrictEqual([
      'resend g {"n":7}',
      'save 7/7',
    ]);
  });
});

describe('a group with a message whose event its cursor is past', () => {
  it('asks the inbox once, and takes from the log what was seen behind it', async () => {
    const { processMessage, calls } = createProcessorRig({
      cursor: cursorAt(5, { seen: 6 }),
      known: ['e5'],
      log: [logged(6)],
    });

    expect(await processMessage(messageOf(5))).toBe('delete');
    expect(calls).toStrictEqual([
      'inbox e5 (2)',
      'duplicate e5',
      'log 6 to 7',
      'try 6 (2): handled',
      'taken from the log',
    ]);
  });

  it('steps over a place without an event that it has seen, and goes on behind it', async () => {
    const log = [tombstone(6), logged(7)];
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(5, { seen: 7 }), known: ['e5'], log });

    await processMessage(messageOf(5));

    expect(calls.slice(2)).toStrictEqual([
      'log 6 to 8',
      'save 6/7',
      'stepped over 6 to 6, tombstone, 7',
      'try 7 (2): handled',
      'taken from the log',
    ]);
  });

  it('goes past what it has seen and does not take', async () => {
    const log = [other(6), other(7)];
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(5, { seen: 7 }), known: ['e5'], log });

    await processMessage(messageOf(5));

    expect(calls).toStrictEqual(['inbox e5 (2)', 'duplicate e5', 'log 6 to 8', 'save 7/7']);
  });

  it('handles an event late that had no effect, before what was seen behind it', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(5, { seen: 6 }) });

    expect(await processMessage(messageOf(5))).toBe('return');
    expect(calls).toStrictEqual([
      'inbox e5 (2)',
      'log 5 to 5',
      'try r-e5 out of order (2)',
      'return r-e5 LOCKED',
      'log 6 to 7',
      'try 6 (2): handled',
      'taken from the log',
    ]);
  });

  it.each([
    ['that was handled', { known: ['e5'] }, ['inbox e5 (2)', 'duplicate e5'], 'delete'],
    ['that nobody can tell of', { log: [] }, ['inbox e5 (2)', 'log 5 to 5', 'duplicate e5 not in the log'], 'delete'],
    [
      'that had no effect',
      { log: [other(5)] },
      ['inbox e5 (2)', 'log 5 to 5', 'try r-e5 out of order (0)', 'return r-e5 LOCKED'],
      'return',
    ],
    [
      'whose place another event has',
      { log: [logged(5, { id: 'x5' } as never)] },
      ['inbox e5 (2)', 'log 5 to 5', 'return r-e5 EVENT_ID_MISMATCH'],
      'return',
    ],
  ])('settles a message of a type that it does not take: of an event %s', async (_, more, expected, end) => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(5), ...more });

    expect(await processMessage(messageOf(5, { type: 'other' }))).toBe(end);
    expect(calls).toStrictEqual(expected);
  });
});
