import { describe, expect, it } from 'vitest';
import type { EventLog, LogEntry } from '../../../lib/consumer/index.ts';
import { createDeployments } from '../../fixtures/banking-deployments.ts';

const spoil = (body: string): string => body.replace('"specversion":"1.0"', '"specversion":"0.3"');

/** Has the second event as code that checked less may have written it. */
const spoilSecond = (log: EventLog): EventLog => ({
  ...log,
  read: async (...args) => (await log.read(...args)).map(spoilEntry),
});

const spoilEntry = (entry: LogEntry): LogEntry =>
  entry.kind === 'event' && entry.sequence === 2 ? { ...entry, body: spoil(entry.body) } : entry;

describe('an event of the log that nobody can read', () => {
  it('holds its group as a dead letter does, and the metric, the note and the hook say so', async () => {
    const letters: unknown[] = [];
    const bank = createDeployments({ log: spoilSecond, onDeadLetter: (letter) => letters.push(letter) });
    await bank.publish('deposited', 'deposited', 'deposited');
    const message = bank.message(2);
    await bank.receive(bank.first, bank.message(1));
    await bank.receive(bank.first, { ...message, body: spoil(message.body) });
    letters.length = 0;

    // its own message holds no event: the group learns of it from the next one
    await bank.receive(bank.first, bank.message(3));

    expect(bank.handled).toStrictEqual(['deposited 1']);
    expect(bank.cursor()).toMatchObject({
      processed: 1,
      seen: 3,
      blockedBy: { sequence: { N: '2' }, state: { S: 'dead' }, reason: { M: { code: { S: 'EVENT_MALFORMED' } } } },
    });
    expect(bank.queue.resent).toStrictEqual([{ group: 'account#7', body: spoil(message.body) }]);
    expect(bank.first.emitted.at(-1)).toMatchObject({ GroupsHeld: 1 });
    expect(letters).toMatchObject([{ failure: { code: 'EVENT_MALFORMED' }, holdsGroup: true }]);
  });

  it('is handled in its turn once the code can read it', async () => {
    let isSpoilt = true;
    const log = (inner: EventLog): EventLog => ({
      ...inner,
      read: (...args) => (isSpoilt ? spoilSecond(inner) : inner).read(...args),
    });
    const bank = createDeployments({ log });
    await bank.publish('deposited', 'deposited', 'deposited');
    await bank.receive(bank.first, bank.message(1));
    await bank.receive(bank.first, bank.message(3));
    isSpoilt = false;

    await bank.receive(bank.first, bank.message(2));

    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 2', 'deposited 3']);
    expect(bank.cursor()).toStrictEqual({ processed: 3, seen: 3, blockedBy: undefined });
  });
});
