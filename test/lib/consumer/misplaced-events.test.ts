import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createDeployments } from '../../fixtures/banking-deployments.ts';

type Bank = ReturnType<typeof createDeployments>;

/** A message that names the place of a deposit of the log, and was put on the bus or the queue by somebody else. */
function forged(bank: Bank, sequence: number, receiveCount = 1): SQSRecord {
  const message = bank.message(sequence, receiveCount);
  const event = { ...JSON.parse(message.body), id: 'forged', data: { accountId: '7', amount: 1_000_000 } };
  return { ...message, body: JSON.stringify(event) };
}

const idAt = (bank: Bank, sequence: number) => JSON.parse(bank.message(sequence).body).id;

describe('an event that the outbox log does not have at its place', () => {
  it('is a dead letter that names both ids, and the true event is handled in its turn', async () => {
    const letters: unknown[] = [];
    const bank = createDeployments({ onDeadLetter: (letter) => letters.push(letter) });
    await bank.publish('deposited', 'deposited', 'deposited');
    await bank.receive(bank.first, bank.message(1));

    const message = forged(bank, 3);
    const returned = await bank.receive(bank.first, message);

    expect(returned).toStrictEqual([message.messageId]);
    expect(bank.queue.visibilityChanges).toStrictEqual([{ receiptHandle: message.receiptHandle, delaySeconds: 0 }]);
    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 2', 'deposited 3']);
    expect(bank.cursor()).toStrictEqual({ processed: 3, seen: 3, blockedBy: undefined });
    expect(letters).toMatchObject([
      {
        subject: 'forged',
        failure: { code: 'EVENT_ID_MISMATCH', message: expect.stringContaining(idAt(bank, 3)) },
        holdsGroup: false,
      },
    ]);
  });

  it('is refused at each receive on its way, and after a redrive', async () => {
    const bank = createDeployments();
    await bank.publish('deposited', 'deposited', 'deposited');
    await bank.receive(bank.first, bank.message(1));

    for (const receiveCount of [1, 2, 3, 1, 2]) {
      await bank.receive(bank.first, forged(bank, 3, receiveCount));
      expect(bank.queue.visibilityChanges.at(-1)?.delaySeconds).toBe(0);
    }

    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 2', 'deposited 3']);
  });

  it('does not take the place of the event that its group waits for', async () => {
    const bank = createDeployments();
    await bank.publish('deposited', 'deposited');
    bank.failWhen(() => new Error('locked'));
    await bank.receive(bank.first, bank.message(1));
    bank.failWhen(() => undefined);

    await bank.receive(bank.first, forged(bank, 1));
    expect(bank.handled).toStrictEqual([]);
    expect(bank.cursor()).toMatchObject({ processed: 0, blockedBy: { sequence: { N: '1' } } });

    await bank.receive(bank.first, bank.message(1));
    expect(bank.handled).toStrictEqual(['deposited 1']);
  });

  it('is refused where the cursor is past its place', async () => {
    const bank = createDeployments();
    await bank.publish('deposited', 'deposited');
    await bank.receive(bank.first, bank.message(1), bank.message(2));

    const message = forged(bank, 1);
    expect(await bank.receive(bank.first, message)).toStrictEqual([message.messageId]);

    expect(bank.handled).toStrictEqual(['deposited 1', 'deposited 2']);
    expect(await bank.notes.find('forged')).toMatchObject({ code: 'EVENT_ID_MISMATCH', state: 'dead' });
  });

  it('lets the true event be handled late where it was handled in its place', async () => {
    const bank = createDeployments();
    await bank.publish('deposited', 'deposited');
    // in sequence, with nothing missing: the log is not read
    await bank.receive(bank.first, forged(bank, 1));
    expect(bank.handled).toStrictEqual(['deposited 1000000']);

    await bank.receive(bank.first, bank.message(1));

    expect(bank.handled).toStrictEqual(['deposited 1000000', 'deposited 1']);
    expect(bank.emitted.at(-1)).toMatchObject({ EventsHandledLate: 1 });
  });

  it('lets the true event be handled late where one batch brings both', async () => {
    const bank = createDeployments();
    await bank.publish('deposited', 'deposited');

    await bank.receive(bank.first, forged(bank, 1), bank.message(1));

    expect(bank.handled).toStrictEqual(['deposited 1000000', 'deposited 1']);
    expect(bank.emitted.at(-1)).toMatchObject({ EventsHandledLate: 1 });
  });
});
