import { describe, expect, it } from 'vitest';
import { deliver } from '../../../lib/operations/deliver.ts';
import { createOpsRig, gathered } from './rig.ts';

type Rig = ReturnType<typeof createOpsRig>;

/** The first event of the account's group as the bus carries it. */
async function enveloped(rig: Rig, accountId: string): Promise<{ readonly body: string; readonly envelope: string }> {
  const stored = await rig.log.find({ group: `account#${accountId}`, sequence: 1 });
  const body = stored?.body ?? '';
  return { body, envelope: JSON.stringify({ 'detail-type': 'x', source: '/accounts', detail: JSON.parse(body) }) };
}

describe('deliver', () => {
  it('sends each undeliverable event to its group, then deletes its message', async () => {
    const rig = createOpsRig();
    const [first] = await rig.deposit('7');
    const [second] = await rig.deposit('8');
    const one = await enveloped(rig, '7');
    const two = await enveloped(rig, '8');
    rig.undeliverable.put(one.envelope);
    rig.undeliverable.put(two.envelope, 'NO_RESOURCE');

    const done = await gathered(deliver(rig));

    expect(done).toMatchObject([
      { kind: 'sent', event: { id: first, partitionkey: 'account#7' }, errorCode: 'NO_PERMISSIONS' },
      { kind: 'sent', event: { id: second, partitionkey: 'account#8' }, errorCode: 'NO_RESOURCE' },
    ]);
    expect(rig.queue.resent).toStrictEqual([
      { group: 'account#7', body: one.body },
      { group: 'account#8', body: two.body },
    ]);
    expect(rig.undeliverable.deleted).toStrictEqual(['receipt-1', 'receipt-2']);
  });

  it('sends an event also if its message holds only the event without the bus envelope', async () => {
    const rig = createOpsRig();
    const [id] = await rig.deposit('7');
    const { body } = await enveloped(rig, '7');
    rig.undeliverable.put(body);

    const done = await gathered(deliver(rig));

    expect(done).toMatchObject([{ kind: 'sent', event: { id } }]);
    expect(rig.queue.resent).toStrictEqual([{ group: 'account#7', body }]);
  });

  it('leaves messages that are not events and events that the consumer does not handle, and reports why', async () => {
    const rig = createOpsRig();
    await rig.deposit('7');
    const { envelope } = await enveloped(rig, '7');
    rig.undeliverable.put('no JSON');
    rig.undeliverable.put('{"detail":{"orderId":"7"}}', 'INVALID_PARAMETER');
    rig.undeliverable.put('[]');

    const malformed = await gathered(deliver(rig));
    const other = createOpsRig();
    other.undeliverable.put(envelope);
    const untaken = await gathered(deliver({ ...other, takes: () => false }));

    expect(malformed).toMatchObject([
      { kind: 'left', messageId: 'message-1', reason: 'it is not valid JSON' },
      { kind: 'left', messageId: 'message-2', errorCode: 'INVALID_PARAMETER' },
      { kind: 'left', reason: expect.stringContaining('expected a JSON object, got null') },
    ]);
    expect(untaken).toMatchObject([
      { kind: 'left', reason: "the consumer does not subscribe to 'com.example.account.deposited'" },
    ]);
    expect([...rig.queue.resent, ...other.queue.resent]).toStrictEqual([]);
    expect([...rig.undeliverable.deleted, ...other.undeliverable.deleted]).toStrictEqual([]);
  });

  it('keeps the message of an event that could not be sent', async () => {
    const rig = createOpsRig();
    await rig.deposit('7');
    rig.undeliverable.put((await enveloped(rig, '7')).envelope);
    const queue = { resend: () => Promise.reject(new Error('throttled')) };

    await expect(gathered(deliver({ ...rig, queue }))).rejects.toThrow('throttled');

    expect(rig.undeliverable.deleted).toStrictEqual([]);
  });

  it('reports each message that it leaves once, even if it is received again', async () => {
    const rig = createOpsRig();
    let receives = 0;
    const undeliverable = {
      ...rig.undeliverable,
      receive: async () => (++receives > 100 ? [] : ['a', 'b'].map((name) => leftMessage(name, receives))),
    };

    const done = await gathered(deliver({ ...rig, undeliverable }));

    expect(done).toMatchObject([
      { kind: 'left', messageId: 'a' },
      { kind: 'left', messageId: 'b' },
    ]);
    expect(receives).toBeLessThan(100);
  });

  it('makes messages that it did not send visible again, when it ends and when it fails', async () => {
    const rig = createOpsRig();
    await rig.deposit('7');
    rig.undeliverable.put('no JSON');
    rig.undeliverable.put((await enveloped(rig, '7')).envelope);

    await gathered(deliver(rig));
    const afterTheEnd = [...rig.undeliverable.shownAgain];
    rig.undeliverable.put((await enveloped(rig, '7')).envelope);
    const queue = { resend: () => Promise.reject(new Error('throttled')) };
    await expect(gathered(deliver({ ...rig, queue }))).rejects.toThrow('throttled');

    expect(afterTheEnd).toStrictEqual(['receipt-1']);
    expect(rig.undeliverable.shownAgain).toStrictEqual(['receipt-1', 'receipt-1', 'receipt-3']);
  });

  it('leaves an event with an invalid group, and sends the events behind it', async () => {
    const rig = createOpsRig();
    await rig.deposit('7');
    const { body, envelope } = await enveloped(rig, '7');
    const forged = { ...JSON.parse(body), partitionkey: 'Köln 7' };
    rig.undeliverable.put(JSON.stringify({ detail: forged }), 'INVALID_PARAMETER');
    rig.undeliverable.put(envelope);

    const done = await gathered(deliver(rig));

    expect(done).toMatchObject([
      { kind: 'left', reason: "'Köln 7' is not a valid group: the outbox did not publish it" },
      { kind: 'sent' },
    ]);
    expect(rig.queue.resent).toStrictEqual([{ group: 'account#7', body }]);
  });
});

const leftMessage = (messageId: string, receive: number) => ({
  messageId,
  receiptHandle: `${messageId}-${receive}`,
  body: 'no JSON',
  errorCode: '',
});
