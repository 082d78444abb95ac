import { describe, expect, it } from 'vitest';
import { logged, tombstone } from './log-fixture.ts';
import { blockedBy, createProcessorRig, cursorAt, failure, messageOf } from './processor-rig.ts';

const _locked = (cursor: string, attempts = 1) => `${cursor} waits 5 (/orders taken, LOCKED ${attempts}, retrying)`;

describe('a group with concurrent executions', () => {
  const first = () => cursorAt(5, { revision: 9 });

  it('checks an event that another execution has passed', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), others: [first] });

    expect(await processMessage(messageOf(5))).toBe('return');
    expect(calls).toStrictEqual([
      'try 5 (2): overtaken',
      'overtaken',
      'read cursor of g',
      'inbox e5 (2)',
      'log 5 to 5',
      'try r-e5 out of order (2)',
      'return r-e5 LOCKED',
    ]);
  });

  it.each([
    ['a mark', 2, failure(), 0],
    ['a failure', 1, failure(), 0],
    ['an event that starts anew', 3, failure({ deferrable: true }), 1],
  ])('records nothing if another execution was first: %s', async (_, receiveCount, result, changesBefore) => {
    const stays = () => undefined;
    const others = [...Array.from({ length: changesBefore }, () => stays), first];
    const { processMessage, calls } = createProcessorRig({
      cursor: cursorAt(4),
      others,
      attempts: { 5: [result] },
      known: ['e5'],
    });

    expect(await processMessage(messageOf(5, { receiveCount }))).toBe('delete');
    const late = calls.indexOf('save too late');
    expect(calls.slice(late)).toStrictEqual([
      'save too late',
      'overtaken',
      'read cursor of g',
      'inbox e5 (2)',
      'duplicate e5',
    ]);
  });

  it('tries the event again if the other execution did not pass it', async () => {
    const others = [() => cursorAt(4, { revision: 9, seen: 6 })];
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), others, log: [logged(5)] });

    await processMessage(messageOf(5));

    expect(calls.slice(0, 4)).toStrictEqual([
      'try 5 (2): overtaken',
      'overtaken',
      'read cursor of g',
      'try 5 (2): handled',
    ]);
  });

  it('lets the message wait a second after ten lost updates', async () => {
    const others = Array.from({ length: 20 }, (_, index) => () => cursorAt(4, { revision: 9 + 2 * index }));
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), others });

    expect(await processMessage(messageOf(5))).toBe('blocked');
    expect(calls.filter((call) => call.startsWith('try'))).toHaveLength(10);
    expect(calls.at(-1)).toBe('hide r-e5 1');
  });
});

describe('a group with a crash suspect', () => {
  it('first deletes only the later messages that can be deleted', async () => {
    const { processMessage, calls } = createProcessorRig({
      cursor: cursorAt(4),
      known: ['e3'],
      log: [2, 4, 5, 6, 7].map((sequence) => logged(sequence)),
    });

    await processMessage(messageOf(5, { receiveCount: 2 }), [
      messageOf(6),
      messageOf(7, { type: 'unknown' }),
      messageOf(5, { receipt: 'again' }),
      messageOf(5, { id: 'x5' }),
      messageOf(3),
      messageOf(1),
      messageOf(4),
    ]);

    expect(calls).toContain('save 4/6 waits 5 (/orders taken, EXECUTION_DIED 2, retrying)');
    expect(calls.filter((call) => call.startsWith('delete'))).toStrictEqual(['delete r-e6 r-again r-e3 r-e1']);
    expect(calls.indexOf('hide r-e5 60')).toBeLessThan(calls.indexOf('try 5 (2): handled'));
  });

  it('deletes nothing if the event has a recorded failure', async () => {
    const cursor = cursorAt(4, { seen: 5, blockedBy: blockedBy(5) });
    const { processMessage, calls } = createProcessorRig({ cursor });

    await processMessage(messageOf(5, { receiveCount: 2 }), [messageOf(6)]);

    expect(calls.filter((call) => call.startsWith('delete'))).toStrictEqual([]);
  });

  it('is recognized by receives and cursor', () => {
    const { processor } = createProcessorRig({ cursor: cursorAt(4) });

    expect(processor.crashSuspectOf(messageOf(5))).toBe('none');
    expect(processor.crashSuspectOf(messageOf(5, { receiveCount: 2 }))).toBe('once');
  });

  it('deletes nothing if there are no later messages', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4) });

    expect(await processMessage(messageOf(5, { receiveCount: 2 }))).toBe('delete');
    expect(calls).toStrictEqual([
      'log 5 to 5',
      'hide r-e5 60',
      'save 4/5 waits 5 (/orders taken, EXECUTION_DIED 2, retrying)',
      'try 5 (2): handled',
      'resolved e5',
    ]);
  });
});

describe('a message whose event does not match the log', () => {
  const misplaced = 'return r-x5 EVENT_ID_MISMATCH';

  it('lets the logged event be handled, and is processed on its own', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), log: [logged(5)] });

    expect(await processMessage(messageOf(5, { id: 'x5', receiveCount: 2 }))).toBe('return');
    // whatever came a second time may have ended its process
    expect(calls).toStrictEqual([
      'log 5 to 5',
      'resend g {"n":5}',
      'save 4/5 waits 5 (/orders taken, EXECUTION_DIED 0, retrying)',
      misplaced,
    ]);
  });

  it('is tried again for the logged event if another execution was first', async () => {
    const others = [() => undefined, () => cursorAt(6, { revision: 12 })];
    const { processMessage, calls } = createProcessorRig({
      cursor: cursorAt(4),
      log: [logged(5), logged(6), logged(7)],
      others: [() => cursorAt(4, { revision: 9 }), ...others],
    });

    await processMessage(messageOf(6, { id: 'x6' }));

    expect(calls.filter((call) => call.startsWith('try'))).toStrictEqual([
      'try 5 (2): overtaken',
      'try 5 (2): handled',
      'try 6 (2): overtaken',
    ]);
  });

  it.each([
    ['an event of a type that it does not take', logged(5, { type: 'other' } as never)],
    ['an operator’s word that there is none', tombstone(5)],
  ])('causes no handling if the log has %s', async (_, entry) => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), log: [entry] });

    expect(await processMessage(messageOf(5, { id: 'x5', receiveCount: 2 }))).toBe('return');
    expect(calls).toStrictEqual(['log 5 to 5', misplaced]);
  });

  it('is also detected for an event that was given up', async () => {
    const cursor = cursorAt(4, { seen: 5, blockedBy: blockedBy(5, { permanent: true }) });
    const { processMessage, calls } = createProcessorRig({ cursor });

    expect(await processMessage(messageOf(5, { id: 'x5', receiveCount: 2 }))).toBe('return');
    expect(calls).toStrictEqual(['log 5 to 5', misplaced]);
  });

  it('of an unknown type is processed on its own if the log has no event and no group waits for it', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), log: [] });

    expect(await processMessage(messageOf(5, { type: 'other' }))).toBe('return');
    expect(calls).toStrictEqual(['log 5 to 5', 'try r-e5 out of order (0)', 'return r-e5 LOCKED']);
  });

  it('of an unknown type is tried if its group waits for it, even without an event in the log', async () => {
    const cursor = cursorAt(4, { seen: 5, blockedBy: blockedBy(5, { type: 'other' }) });
    const { processMessage, calls } = createProcessorRig({ cursor, log: [], attempts: { 5: [failure()] } });

    expect(await processMessage(messageOf(5, { type: 'other' }))).toBe('return');
    expect(calls.slice(0, 2)).toStrictEqual(['log 5 to 5', 'try 5 (2): failed']);
  });

  it('is trusted if the log has no event', async () => {
    const { processMessage, calls } = createProcessorRig({ cursor: cursorAt(4), log: [] });

    expect(await processMessage(messageOf(5, { receiveCount: 2 }))).toBe('delete');
    expect(calls).toContain('try 5 (2): handled');
  });
});
