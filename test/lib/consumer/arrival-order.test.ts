import { describe, expect, it } from 'vitest';
import { arrivalGroup, processOutOfOrder } from '../../../lib/consumer/arrival-order.ts';
import type { Attempt } from '../../../lib/consumer/attempt.ts';
import type { BatchContext } from '../../../lib/consumer/batch.ts';
import type { ReceivedMessage } from '../../../lib/consumer/message.ts';
import type { CloudEvent } from '../../../lib/definitions/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { logged, tombstone } from './log-fixture.ts';

const EVENT = { id: 'e5', source: '/orders', partitionkey: 'g', sequence: '5', tenantid: 'acme' } as CloudEvent;
const messageOf = (name: string, receiveCount = 1) =>
  ({
    messageId: name,
    receiptHandle: `r-${name}`,
    receiveCount,
    content: { body: name, event: EVENT },
    event: EVENT,
  }) as ReceivedMessage & {
    readonly event: CloudEvent;
  };
const failed = { kind: 'failed', failure: { code: 'LOCKED' } } as Attempt;

/** A batch on which attempts end as they are told, by the message's body. */
function open(
  results: Readonly<Record<string, Attempt>> = {},
  overAfter = Number.POSITIVE_INFINITY,
  givenUp: readonly string[] = [],
) {
  const calls: string[] = [];
  const batch = {
    subscription: { permanentErrors: [] },
    clock: { now: () => 0 },
    maxReceiveCount: 3,
    visibilityTimeoutSeconds: 90,
    isTimeUp: () => calls.length >= overAfter,
    attempt: async ({ body }: { body: string }, { generation }: { generation: number }) => {
      calls.push(`try ${body} (${generation})`);
      return results[body] ?? { kind: 'handled' };
    },
    queue: {
      changeVisibility: async (receipt: string, seconds: number) => void calls.push(`hide ${receipt} ${seconds}`),
    },
    redelivery: {
      isGivenUp: async ({ messageId }: ReceivedMessage) => givenUp.includes(messageId),
      postpone: async ({ receiptHandle }: ReceivedMessage, seconds: number) =>
        void calls.push(`hide ${receiptHandle} ${seconds}`),
      postponeUntried: async ({ receiptHandle, receiveCount }: ReceivedMessage, seconds: number) =>
        void calls.push(`hide ${receiptHandle} ${receiveCount >= 3 ? 90 : seconds}`),
      showAgain: async (messages: readonly ReceivedMessage[]) =>
        messages.forEach(({ receiptHandle }) => void calls.push(`hide ${receiptHandle} 0`)),
      release: async (messages: readonly ReceivedMessage[]) => {
        const last = messages.filter((message) => message.receiveCount >= 3);
        for (const { messageId } of last) calls.push(`renew ${messageId}`);
        return messages.filter((message) => !last.includes(message));
      },
      afterFailure: async ({ messageId }: ReceivedMessage, { code, message }: { code: string; message?: string }) => {
        calls.push(`failed ${messageId} ${code}${message === undefined ? '' : `: ${message}`}`);
        return 'returned';
      },
    },
    telemetry: { handledLate: ({ id }: CloudEvent, processed: number) => void calls.push(`late ${id} ${processed}`) },
  } as unknown as BatchContext;
  return { batch, calls };
}

describe('messages in the order of their arrival', () => {
  const settle = async (batch: BatchContext, ...messages: ReceivedMessage[]) =>
    (await arrivalGroup(messages, 'none', batch).process()).map(({ messageId }) => messageId);

  it('are not tried any more once they are given up: SQS moves them', async () => {
    const { batch, calls } = open({}, Number.POSITIVE_INFINITY, ['m1']);

    expect(await settle(batch, messageOf('m1', 2))).toStrictEqual(['m1']);

    expect(calls).toStrictEqual(['hide r-m1 0']);
  });

  it('are processed one after another', async () => {
    const { batch, calls } = open({ b: { kind: 'duplicate' } });

    expect(await settle(batch, messageOf('a'), messageOf('b'))).toStrictEqual([]);
    expect(calls).toStrictEqual(['try a (0)', 'try b (0)']);
  });

  it('go back behind one that fails, which decides how long they wait', async () => {
    const { batch, calls } = open({ b: failed });

    expect(await settle(batch, messageOf('a'), messageOf('b'), messageOf('c'))).toStrictEqual(['b', 'c']);
    expect(calls).toStrictEqual(['try a (0)', 'try b (0)', 'failed b LOCKED', 'hide r-c 0']);
  });

  it('go back untried once the time is over', async () => {
    const { batch, calls } = open({}, 1);

    expect(await settle(batch, messageOf('a'), messageOf('b'))).toStrictEqual(['b']);
    expect(calls).toStrictEqual(['try a (0)']);
  });

  it.each<[Attempt, string]>([
    [{ kind: 'overtaken' }, 'hide r-a 1'],
    [{ kind: 'busy', until: 30_000 as EpochMs }, 'hide r-a 31'],
  ])('are hidden, or get new receives, where another execution is at work: %o', async (result, hidden) => {
    const early = open({ a: result });
    const last = open({ a: result });

    expect(await settle(early.batch, messageOf('a'))).toStrictEqual(['a']);
    expect(early.calls).toStrictEqual(['try a (0)', hidden]);
    expect(await settle(last.batch, messageOf('a', 3))).toStrictEqual([]);
    expect(last.calls).toStrictEqual(['try a (0)', 'hide r-a 90', 'renew a']);
  });
});

describe('a message outside the order of its group', () => {
  it.each([
    [{ kind: 'handled' } as const, 'delete'],
    [failed, 'return'],
  ])('is done with where its event is, of whatever type: %o', async (result, fate) => {
    expect(await processOutOfOrder(messageOf('a'), { kind: 'unknown' }, open({ a: result }).batch)).toBe(fate);
  });

  it('is reported as late where its event is handled now', async () => {
    const { batch, calls } = open();

    expect(await processOutOfOrder(messageOf('a'), { kind: 'passed', generation: 2, processed: 9 }, batch)).toBe(
      'delete',
    );
    expect(calls).toStrictEqual(['try a (2)', 'late e5 9']);
  });

  it.each([
    [logged(5, { id: 'e9' } as never), "'e9' from '/orders'"],
    [tombstone(5), 'no event (marked as empty by an operator)'],
  ])('is refused where the log has something else at its place: %#', async (entry, what) => {
    const { batch, calls } = open();

    expect(await processOutOfOrder(messageOf('a'), { kind: 'misplaced', logged: entry }, batch)).toBe('return');
    expect(calls).toStrictEqual([expect.stringContaining(`but the outbox log has ${what}: `)]);
  });
});
