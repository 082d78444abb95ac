import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import type { EventLog, LogTombstone } from '../../../lib/consumer/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, createRig, messageOf, type RigOptions } from './rig.ts';

const MINUTE_MS = 60_000;

/** A log that does not show some events, as often as told; then it shows them. */
function createForgetfulLog(missing: ReadonlySet<number>, times: number) {
  let left = times;
  const without = <Place extends { readonly sequence: number }>(places: readonly Place[]) =>
    left > 0 ? places.filter(({ sequence }) => !missing.has(sequence)) : places;
  return (log: EventLog): EventLog => ({
    ...log,
    async read(group, after, upTo) {
      const entries = without(await log.read(group, after, upTo));
      left -= 1;
      return entries;
    },
    async places(group, from, upTo, limit) {
      return without(await log.places(group, from, upTo, Number.MAX_SAFE_INTEGER)).slice(0, limit);
    },
  });
}

/** A strict consumer of one account; the log keeps an event for a minute. */
async function createAccount(count: number, options: RigOptions = {}) {
  const amounts: number[] = [];
  const rig = createRig(({ data }) => void amounts.push(data.amount), { ordering: 'strict', ...options });
  let published = 0;
  const deposit = async (more: number) => {
    for (const last = published + more; published < last; ) {
      published += 1;
      const amount = published;
      await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount }));
    }
  };
  await deposit(count);
  const message = (sequence: number, receiveCount = 1): SQSRecord => {
    const record = messageOf(rig.store.events[sequence - 1]?.body ?? '', 'account#7');
    return { ...record, attributes: { ...record.attributes, ApproximateReceiveCount: String(receiveCount) } };
  };
  const receive = async (...records: SQSRecord[]) => {
    const { batchItemFailures } = await rig.handler(batchOf(...records), lambdaContext());
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  const cursor = () => {
    const [item] = rig.store.items('cursors');
    return item && { processed: Number(item['processed']?.N), seen: Number(item['seen']?.N) };
  };
  const metric = (name: string) => rig.emitted.flatMap((line) => (line[name] as number | undefined) ?? []);
  return { ...rig, amounts, deposit, message, receive, cursor, metric };
}

describe('a hole in the log', () => {
  it('is read again at once, so that events missed by a concurrent read are handled in turn', async () => {
    const account = await createAccount(4, { log: createForgetfulLog(new Set([2]), 2) });

    await account.receive(account.message(1));
    const returned = await account.receive(account.message(4));

    expect(returned).toStrictEqual([]);
    expect(account.amounts).toStrictEqual([1, 2, 3, 4]);
    expect(account.metric('LogHoles')).toStrictEqual([]);
  });

  it('blocks the message with backoff, and the reason names the missing events', async () => {
    const account = await createAccount(4, { log: createForgetfulLog(new Set([2, 3]), Number.POSITIVE_INFINITY) });
    await account.receive(account.message(1));
    const fourth = account.message(4);

    const returned = await account.receive(fourth);

    expect(returned).toStrictEqual([fourth.messageId]);
    expect(account.amounts).toStrictEqual([1]);
    expect(account.cursor()).toStrictEqual({ processed: 1, seen: 1 });
    expect(account.queue.visibilityChanges).toStrictEqual([{ receiptHandle: fourth.receiptHandle, delaySeconds: 3 }]);
    expect(account.metric('LogHoles')).toStrictEqual([1]);
    expect(account.notes.all()).toMatchObject([
      {
        code: 'LOG_HOLE',
        state: 'retrying',
        message:
          "the log does not show events 2 to 3 of group 'account#7', which cannot have expired: no later event is handled until the log shows them; if the events are lost, mark them as empty with: npx waybill fill",
      },
    ]);
  });

  it('does not make the waiting message a dead letter', async () => {
    const account = await createAccount(3, { log: createForgetfulLog(new Set([2]), Number.POSITIVE_INFINITY) });
    await account.receive(account.message(1));
    const last = account.message(3, 3);

    const returned = await account.receive(last);

    expect(returned).toStrictEqual([]);
    expect(account.queue.resent).toStrictEqual([{ group: 'account#7', body: last.body }]);
    expect(account.queue.deleted).toStrictEqual([last.receiptHandle]);
  });

  it('keeps the waiting message hidden on its last receive until its event is resent', async () => {
    const account = await createAccount(3, { log: createForgetfulLog(new Set([2]), Number.POSITIVE_INFINITY) });
    await account.receive(account.message(1));
    const last = account.message(3, 3);

    await account.receive(last);

    expect(account.queue.visibilityChanges).toStrictEqual([{ receiptHandle: last.receiptHandle, delaySeconds: 60 }]);
  });

  it('does not start a new group after a hole', async () => {
    const account = await createAccount(3, { log: createForgetfulLog(new Set([1]), Number.POSITIVE_INFINITY) });
    const second = account.message(2);

    const returned = await account.receive(second);

    expect(returned).toStrictEqual([second.messageId]);
    expect(account.amounts).toStrictEqual([]);
    expect(account.cursor()).toBeUndefined();
  });

  it('is passed when the events have certainly expired, and expired seen events are counted', async () => {
    const account = await createAccount(1, { log: createForgetfulLog(new Set([2, 3, 4]), Number.POSITIVE_INFINITY) });
    await account.receive(account.message(1));
    await account.deposit(3);
    account.clock.advance(61_000);
    await account.deposit(1);

    await account.receive(account.message(5));

    expect(account.amounts).toStrictEqual([1, 5]);
    expect(account.metric('PlacesExpired')).toStrictEqual([3]);
    expect(account.metric('EventsExpiredUnhandled')).toStrictEqual([]);
    expect(account.lines).toContainEqual(
      expect.objectContaining({
        level: 'INFO',
        message: 'stepped over events that have expired in the log',
        group: 'account#7',
        from_sequence: 2,
        to_sequence: 4,
      }),
    );
  });

  it('reports expired events as lost if their messages were seen', async () => {
    const missing = new Set<number>();
    let fails = true;
    const handled: number[] = [];
    const rig = createRig(
      ({ data }) => {
        if (fails && data.amount === 2) throw new Error('locked');
        handled.push(data.amount);
      },
      { ordering: 'strict', log: createForgetfulLog(missing, Number.POSITIVE_INFINITY) },
    );
    for (let amount = 1; amount <= 4; amount++) {
      await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount }));
    }
    const records = rig.store.events.map(({ body }) => messageOf(body, 'account#7'));
    await rig.handler(batchOf(...records), lambdaContext());
    fails = false;
    rig.clock.advance(61_000);
    missing.add(3).add(4);

    await rig.handler(batchOf(messageOf(rig.store.events[1]?.body ?? '', 'account#7')), lambdaContext());

    expect(handled).toStrictEqual([1, 2]);
    expect(rig.store.items('cursors')).toMatchObject([{ processed: { N: '4' }, seen: { N: '4' } }]);
    expect(rig.emitted.at(-1)).toMatchObject({ PlacesExpired: 2, EventsExpiredUnhandled: 2 });
    expect(rig.lines).toContainEqual(
      expect.objectContaining({ level: 'ERROR', message: 'stepped over events that have expired in the log' }),
    );
  });

  it('does not count as expired if the next event stores a later expiry', async () => {
    const account = await createAccount(1, { log: createForgetfulLog(new Set([2]), Number.POSITIVE_INFINITY) });
    await account.receive(account.message(1));
    account.clock.advance(30 * MINUTE_MS);
    await account.deposit(2);

    const returned = await account.receive(account.message(3));

    expect(returned).toHaveLength(1);
    expect(account.amounts).toStrictEqual([1]);
  });

  it('is passed and counted if an operator marked it as empty', async () => {
    const at: LogTombstone = {
      kind: 'tombstone',
      sequence: 2,
      committedAt: 0 as EpochMs,
      expires: undefined,
      previousExpires: undefined,
    };
    const account = await createAccount(5, {
      log: (log) => ({
        ...log,
        read: async (group, after, upTo) =>
          (await log.read(group, after, upTo)).filter(
            ({ kind, sequence }) => kind === 'tombstone' || ![2, 3].includes(sequence),
          ),
      }),
      tombstones: new Map([['account#7', [at, { ...at, sequence: 3 }]]]),
    });
    await account.receive(account.message(1));

    await account.receive(account.message(5));

    expect(account.amounts).toStrictEqual([1, 4, 5]);
    expect(account.metric('TombstonesSteppedOver').reduce((sum, count) => sum + count, 0)).toBe(2);
  });
});
