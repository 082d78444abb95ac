import { describe, expect, it } from 'vitest';
import { InboxBusyError, InboxClaimLostError } from '../../../lib/consumer/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, createRig, eventOf, messageOf } from './rig.ts';

const deposit = async (id = 'e1') => JSON.stringify(await eventOf(Deposited, { accountId: '7', amount: 1 }, { id }));

const identity = { source: '/accounts', id: 'e1' };

const linesOf = (lines: readonly Record<string, unknown>[]) => lines.map(({ level, message }) => `${level} ${message}`);

/** Values of a metric, of all batches. */
const sumOf = (emitted: readonly Record<string, unknown>[], name: string) =>
  emitted.flatMap((batch) => batch[name] ?? []).flat();

describe('a fifo consumer tells in its log what became of an event', () => {
  it('that was handled, with its ids and the time since its commit', async () => {
    const rig = createRig(() => undefined);

    await rig.handler(batchOf(messageOf(await deposit(), 'account#7')), lambdaContext());

    expect(rig.lines.at(-1)).toMatchObject({
      level: 'INFO',
      message: 'event handled',
      event_id: 'e1',
      group: 'account#7',
      commit_to_handled_ms: expect.any(Number),
    });
  });

  it('that was handled before', async () => {
    const rig = createRig(() => undefined);
    const body = await deposit();

    await rig.handler(batchOf(messageOf(body, 'account#7')), lambdaContext());
    await rig.handler(batchOf(messageOf(body, 'account#7')), lambdaContext());

    expect(linesOf(rig.lines).at(-1)).toBe('INFO duplicate skipped: the event was handled before');
    expect(sumOf(rig.emitted, 'DuplicatesSkipped')).toStrictEqual([1]);
  });

  it('that another execution has, or had first', async () => {
    const busy = createRig(() => {
      throw new InboxBusyError(identity, 1_800_000_000_000 as EpochMs);
    });
    const overtaken = createRig(() => {
      throw new InboxClaimLostError(identity);
    });
    const body = await deposit();

    await busy.handler(batchOf(messageOf(body, 'account#7')), lambdaContext());
    const message = messageOf(body, 'account#7');
    const { batchItemFailures } = await overtaken.handler(batchOf(message), lambdaContext());

    expect(batchItemFailures).toStrictEqual([{ itemIdentifier: message.messageId }]);
    expect(overtaken.queue.visibilityChanges).toStrictEqual([
      { receiptHandle: message.receiptHandle, delaySeconds: 1 },
    ]);

    expect(linesOf(busy.lines)).toContain('INFO another execution is handling the event');
    expect(overtaken.lines).toContainEqual(
      expect.objectContaining({ message: 'overtaken by another execution', error_code: 'INBOX_CLAIM_LOST' }),
    );
    expect(sumOf(overtaken.emitted, 'RacesLost')).toStrictEqual([1]);
    expect(sumOf(overtaken.emitted, 'EventsFailed')).toStrictEqual([]);
  });

  it('whose type it takes from another source only', async () => {
    const amounts: number[] = [];
    const rig = createRig(({ data }) => void amounts.push(data.amount));
    const twin = await eventOf(Deposited, { accountId: '7', amount: 2 }, { id: 'e1', source: '/imports' });

    await rig.handler(batchOf(messageOf(JSON.stringify(twin), 'account#7')), lambdaContext());

    expect(amounts).toStrictEqual([]);
    expect(rig.lines[0]).toMatchObject({ level: 'ERROR', message: 'event failed', error_code: 'EVENT_TYPE_UNKNOWN' });
  });

  it('whose message stands in another group than the event', async () => {
    const rig = createRig(() => undefined);

    await rig.handler(batchOf(messageOf(await deposit('e1'), 'account#8')), lambdaContext());
    await rig.handler(batchOf(messageOf(await deposit('e2'), 'account#7')), lambdaContext());
    const told = rig.lines.filter(({ level }) => level === 'WARN' || level === 'ERROR').length;
    await rig.handler(batchOf(messageOf(await deposit('e3'), 'account#8')), lambdaContext());

    expect(told).toBe(1);
    expect(rig.lines.filter(({ level }) => level === 'WARN' || level === 'ERROR')).toMatchObject([
      {
        level: 'ERROR',
        message: "the message group differs from the event's group: check the rule target's MessageGroupId",
        message_group: 'account#8',
        group: 'account#7',
        event_id: 'e1',
      },
    ]);
    expect(sumOf(rig.emitted, 'GroupMismatches')).toStrictEqual([1]);
  });

  it('that goes to the dead-letter queue, whose it is, and what its hook is told', async () => {
    const letters: unknown[] = [];
    const rig = createRig(
      () => {
        throw Object.assign(new Error('no'), { code: 'CARD_REFUSED' });
      },
      { onDeadLetter: (letter) => void letters.push(letter) },
    );
    const partitionkey = 'tenant:acme:account#7';
    const event = await eventOf(Deposited, { accountId: '7', amount: 1 }, { id: 'e1', tenantid: 'acme', partitionkey });
    const record = messageOf(JSON.stringify(event), partitionkey);
    record.attributes.ApproximateReceiveCount = '3';

    await rig.handler(batchOf(record), lambdaContext());

    expect(rig.lines).toContainEqual(
      expect.objectContaining({
        level: 'ERROR',
        message: 'the event goes to the dead-letter queue',
        subject: 'e1',
        tenant_id: 'acme',
        error_code: 'CARD_REFUSED',
        reason: 'no',
        holds_group: false,
      }),
    );
    expect(letters).toStrictEqual([
      {
        subject: 'e1',
        tenantId: 'acme',
        body: record.body,
        failure: { code: 'CARD_REFUSED', message: 'no' },
        holdsGroup: false,
      },
    ]);
    expect(await rig.notes.find('e1')).toMatchObject({ state: 'dead', tenantId: 'acme', holdsGroup: false });
  });
});
