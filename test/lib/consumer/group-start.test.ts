import { describe, expect, it } from 'vitest';
import type { ConsumerHistory } from '../../../lib/consumer/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, createRig, messageOf, type RigOptions } from './rig.ts';

const DAY_MS = 86_400_000;
const T0 = 1_795_154_400_000 as EpochMs;

/** Three deposits, a day apart, and a strict consumer without a cursor for them. */
async function createAccount(options: RigOptions) {
  const amounts: number[] = [];
  const rig = createRig(({ data }) => void amounts.push(data.amount), { ordering: 'strict', ...options });
  for (let amount = 1; amount <= 3; amount++) {
    await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount }));
    rig.clock.advance(DAY_MS);
  }
  const receive = async (sequence: number) => {
    const body = rig.store.events[sequence - 1]?.body ?? '';
    const { batchItemFailures } = await rig.handler(batchOf(messageOf(body, 'account#7')), lambdaContext());
    return batchItemFailures.length;
  };
  return { ...rig, amounts, receive };
}

const fifoUntil = (days: number, inboxDays: number): ConsumerHistory => {
  const settings = { inboxExpirySeconds: inboxDays * 86_400, cursorExpirySeconds: 36 * 86_400 };
  return {
    startedAt: T0,
    periods: [
      { ...settings, ordering: 'fifo', from: T0 },
      { ...settings, ordering: 'strict', from: (T0 + days * DAY_MS) as EpochMs },
    ],
    revision: 2,
  };
};

describe('a group without a cursor', () => {
  it('begins at its oldest event, where the consumer has kept order since it began', async () => {
    const account = await createAccount({
      history: async () => ({
        startedAt: T0,
        periods: [{ ordering: 'strict', inboxExpirySeconds: 1, cursorExpirySeconds: 36 * 86_400, from: T0 }],
        revision: 1,
      }),
    });

    await account.receive(3);

    expect(account.amounts).toStrictEqual([1, 2, 3]);
  });

  it('begins, once its consumer was fifo, where the inbox can still answer', async () => {
    // on day 3 the inbox still knows what was handled on day 1.5 and later
    const account = await createAccount({ history: async () => fifoUntil(2.5, 1.5) });

    await account.receive(3);

    expect(account.amounts).toStrictEqual([3]);
    expect(account.store.items('cursors')).toMatchObject([{ processed: { N: '3' } }]);
  });

  it('steps over an event that may have been handled, rather than handle it twice, and says so', async () => {
    const account = await createAccount({
      history: async () => fifoUntil(2.5, 1.5),
      inboxAnswersSince: () => (T0 + 2.5 * DAY_MS) as EpochMs,
    });

    const returned = await account.receive(1);

    expect(returned).toBe(0);
    expect(account.amounts).toStrictEqual([]);
    expect(account.emitted).toContainEqual(expect.objectContaining({ EventsForgotten: 1 }));
    expect(account.lines).toContainEqual(
      expect.objectContaining({
        level: 'WARN',
        message: 'stepped over events that may have been handled: neither cursor nor inbox has a record',
        from_sequence: 1,
        to_sequence: 1,
      }),
    );
  });

  it('asks for its history at each start of a container, and handles events although it cannot be noted', async () => {
    let asked = 0;
    const account = await createAccount({
      recordSettings: async () => {
        asked += 1;
        throw new Error('the table refuses');
      },
    });

    await account.receive(1);

    expect(asked).toBe(1);
    expect(account.lines[0]).toMatchObject({
      level: 'WARN',
      message: "recording the consumer's settings failed: the next invocation tries again",
      error: { message: 'the table refuses' },
      function_request_id: 'request-1',
    });
    expect(account.amounts).toStrictEqual([1]);
  });
});

describe('a cursor from a time at which its consumer has just become strict', () => {
  it('does not make what was handled before be handled again, once the inbox has forgotten it', async () => {
    // the third event was handled on day 2.2, while the consumer was fifo; the message of the first comes late
    const account = await createAccount({
      history: async () => fifoUntil(2.5, 4),
      inboxAnswersSince: () => (T0 + 5 * DAY_MS) as EpochMs,
    });
    await account.receive(1);
    account.clock.advance(4 * DAY_MS);

    await account.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount: 4 }));
    await account.receive(4);

    expect(account.amounts).toStrictEqual([1, 4]);
    expect(account.emitted).toContainEqual(expect.objectContaining({ EventsForgotten: 2 }));
  });
});

describe('a cursor from before its consumer was fifo for a while', () => {
  it('does not make what was handled meanwhile be handled again', async () => {
    const account = await createAccount({
      history: async () => {
        const [fifo, strict] = fifoUntil(2.5, 1.5).periods;
        if (fifo === undefined || strict === undefined) throw new Error('two periods are given');
        const earlier = (T0 - 30 * DAY_MS) as EpochMs;
        return { startedAt: earlier, periods: [{ ...strict, from: earlier }, fifo, strict], revision: 3 };
      },
    });
    account.tables.apply([
      {
        Put: {
          TableName: 'cursors',
          Item: {
            id: { S: 'banking#account#7' },
            consumer: { S: 'banking' },
            group: { S: 'account#7' },
            processed: { N: '0' },
            seen: { N: '0' },
            generation: { N: '0' },
            revision: { N: '1' },
          },
        },
      },
    ]);

    await account.receive(3);

    expect(account.amounts).toStrictEqual([3]);
    expect(account.store.items('cursors')).toMatchObject([{ processed: { N: '3' }, revision: { N: '2' } }]);
    expect(account.emitted).toContainEqual(expect.objectContaining({ EventsForgotten: 2 }));
  });
});
