import { describe, expect, it } from 'vitest';
import { addMs } from '../../../lib/shared/time.ts';
import { NOW } from './log-fixture.ts';
import { blockedBy, createProcessorRig, cursorAt, failure, messageOf } from './processor-rig.ts';

const locked = (cursor: string, attempts = 1) => `${cursor} waits 5 (/orders taken, LOCKED ${attempts}, retrying)`;

describe('a group with an event in sequence', () => {
  it('tries the event once, without further reads', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4) });

    expect(await processMessage(messageOf(5))).toBe('delete');
    expect(calls).toStrictEqual(['try 5 (2): handled']);
  });

  it('moves its cursor after a duplicate', async () => {
    const { processMessage, calls } = createProcessorRig({
      cursor: cursorAt(4),
      attempts: { 5: [{ kind: 'duplicate' }] },
    });

    expect(await processMessage(messageOf(5))).toBe('delete');
    expect(calls).toStrictEqual(['try 5 (2): duplicate', 'save 5/5']);
  });

  it.each(['handled', 'duplicate'] as const)(
    'knows by itself that another message of it is a duplicate: %s',
    async (kind) => {
      const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), attempts: { 5: [{ kind }] } });
      if (kind === 'duplicate') await processMessage(messageOf(5));
      else await processMessage(messageOf(6));

      expect(await processMessage(messageOf(5, { receipt: 'other' }))).toBe('delete');
      expect(calls).toStrictEqual(['duplicate e5']);
    },
  );

  it('is blocked before the event is tried again, and a later failure replaces the crash reason', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), attempts: { 5: [failure()] } });

    expect(await processMessage(messageOf(5, { receiveCount: 2 }))).toBe('return');
    expect(calls).toStrictEqual([
      'log 5 to 5',
      'hide r-e5 60',
      'save 4/5 waits 5 (/orders taken, EXECUTION_DIED 2, retrying)',
      'try 5 (2): failed',
      `save ${locked('4/5', 2)}`,
      'hide r-e5 20',
      `failed {"n":5} ${locked('4/5', 2)} at deposit`,
    ]);
  });

  it('hides a failed message during its backoff, and deletes further messages of the event without a try', async () => {
    const { processMessage, calls } = createProcessorRig({
      cursor: cursorAt(4),
      attempts: { 5: [failure({ retryAfterSeconds: 30 })] },
    });

    expect(await processMessage(messageOf(5))).toBe('return');
    expect(calls).toStrictEqual([
      'try 5 (2): failed',
      `save ${locked('4/5')}`,
      'hide r-e5 40',
      `failed {"n":5} ${locked('4/5')} at deposit`,
    ]);

    expect(await processMessage(messageOf(5, { receipt: 'other' }))).toBe('delete');
    expect(calls).toStrictEqual([]);
  });

  it.each([
    ['fails for good', 1, failure({ permanent: true }), '1, dead, permanent'],
    ['is on its last receive', 3, failure(), '3, dead'],
  ])('lets SQS move the message at once if it %s', async (_, receiveCount, result, how) => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), attempts: { 5: [result] } });

    expect(await processMessage(messageOf(5, { receiveCount }))).toBe('return');
    expect(calls.slice(-3)).toStrictEqual([
      `save 4/5 waits 5 (/orders taken, LOCKED ${how})`,
      'hide r-e5 0',
      `failed {"n":5} 4/5 waits 5 (/orders taken, LOCKED ${how}) at deposit`,
    ]);
  });

  it('gives up an event that failed permanently, after a check of the log', async () => {
    const cursor = cursorAt(4, { seen: 5, blockedBy: blockedBy(5, { permanent: true }) });
    const { processMessage, calls } = createProcessorRig({ cursor });

    expect(await processMessage(messageOf(5, { receiveCount: 2 }))).toBe('return');
    expect(calls).toStrictEqual(['log 5 to 5', 'hide r-e5 0']);
  });

  it.each([
    ['until the other execution’s claim has expired', 30_001, 32],
    ['for a second where that is over', -5_000, 1],
  ])('hides the message while another execution is handling the event: %s', async (_, ms, seconds) => {
    const busy = { kind: 'busy', until: addMs(NOW, ms) } as const;
    const { processMessage, calls } = createProcessorRig({
      cursor: cursorAt(4),
      attempts: { 5: [busy] },
      gone: ['r-e5'],
    });

    expect(await processMessage(messageOf(5))).toBe('blocked');
    expect(calls).toStrictEqual(['try 5 (2): busy', `hide r-e5 ${seconds}`, 'resend g {"n":5}']);
  });

  it('throws errors of its calls', async () => {
    const { processor, strict } = createProcessorRig({ cursor: cursorAt(4), attempts: { 5: [{ kind: 'duplicate' }] } });
    (strict.cursors as { save: unknown }).save = async () => {
      throw new Error('the table refuses');
    };

    await expect(processor.processMessage(messageOf(5))).rejects.toThrow('the table refuses');
  });
});

describe('a group with a deferred event', () => {
  const deferrable = failure({ deferrable: true });

  it('remembers that a receive was deferred', async () => {
    const { processMessage, calls } = createProcessorRig({
      cursor: cursorAt(4),
      attempts: { 5: [deferrable, failure()] },
    });

    await processMessage(messageOf(5));
    expect(calls).toContain('save 4/5 waits 5 (/orders taken, LOCKED 1, retrying, deferred)');
    expect(calls).toContain('hide r-e5 11');
  });

  it('resends the event on the last receive if an earlier receive was deferred', async () => {
    const cursor = cursorAt(4, { seen: 5, blockedBy: blockedBy(5, { deferred: true }) });
    const { processMessage, calls } = createProcessorRig({ cursor, attempts: { 5: [failure()] } });

    expect(await processMessage(messageOf(5, { receiveCount: 3 }))).toBe('delete');
    expect(calls.slice(-6)).toStrictEqual([
      'try 5 (2): failed',
      'resend g {"n":5}',
      `save ${locked('4/5', 0)}`,
      `failed {"n":5} ${locked('4/5', 0)} at deposit`,
      'delete r-e5',
      'renewed e5',
    ]);

    expect(await processMessage(messageOf(5, { receipt: 'other' }))).toBe('delete');
    expect(calls).toStrictEqual([]);
  });

  it('resends a deferred event of an unknown type and deletes its message', async () => {
    const unknown = failure({ deferrable: true, code: 'EVENT_TYPE_UNKNOWN', message: 'unknown' });
    const { processMessage, calls } = createProcessorRig({
      cursor: cursorAt(4),
      attempts: { 5: [unknown] },
      takes: () => false,
    });

    expect(await processMessage(messageOf(5, { receiveCount: 3 }))).toBe('delete');
    expect(calls.slice(-2)).toStrictEqual(['delete r-e5', 'renewed e5']);
  });

  it('restarts the receive count after a redrive', async () => {
    const cursor = cursorAt(4, { seen: 5, blockedBy: blockedBy(5, { deferred: true, attempts: 2 }) });
    const { processMessage, calls } = createProcessorRig({ cursor, attempts: { 5: [failure()] } });

    await processMessage(messageOf(5));

    expect(calls).toContain(`save ${locked('4/5')}`);
  });

  it.each([
    ['nothing', undefined],
    ['a later event', blockedBy(7, { deferred: true })],
  ])('does not count the deferral of another event: the group waits for %s', async (_, waits) => {
    const cursor = cursorAt(4, { seen: 7, blockedBy: waits });
    const { processMessage, calls } = createProcessorRig({ cursor, attempts: { 5: [failure()] }, takes: () => false });

    expect(await processMessage(messageOf(5, { receiveCount: 2 }))).toBe('return');
    expect(calls).toContain(`save ${locked('4/7', 2)}`);
  });

  it('does not resend an event that failed permanently', async () => {
    const result = failure({ permanent: true, deferrable: true });
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), attempts: { 5: [result] } });

    expect(await processMessage(messageOf(5, { receiveCount: 3 }))).toBe('return');
    expect(calls).not.toContain('resend g {"n":5}');
  });
});
