import { describe, expect, it } from 'vitest';
import type { AttemptResult } from '../../../lib/consumer/attempt-event.ts';
import type { ReceivedMessage } from '../../../lib/consumer/received-message.ts';
import { settleAlone } from '../../../lib/consumer/settle-alone.ts';
import { settleAsTheyCome } from '../../../lib/consumer/settle-as-they-come.ts';
import type { Workbench } from '../../../lib/consumer/workbench.ts';
import type { CloudEvent } from '../../../lib/contracts/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { logged, tombstone } from '../ordering/log-fixture.ts';

const EVENT = { id: 'e5', source: '/orders', partitionkey: 'g', sequence: '5', tenantid: 'acme' } as CloudEvent;
const messageOf = (name: string, receiveCount = 1) =>
  ({ messageId: name, receiptHandle: `r-${name}`, receiveCount, body: name, event: EVENT }) as ReceivedMessage & {
    readonly event: CloudEvent;
  };
const failed = { kind: 'failed', failure: { code: 'LOCKED' } } as AttemptResult;

/** A bench on which attempts end as they are told, by the message's body. */
function open(results: Readonly<Record<string, AttemptResult>> = {}, overAfter = Number.POSITIVE_INFINITY) {
  const calls: string[] = [];
  const bench = {
    subscription: { permanentErrors: [] },
    limits: { maxReceiveCount: 3 },
    visibilityTimeoutSeconds: 90,
    isOver: () => calls.length >= overAfter,
    attempt: async (body: string, { generation }: { generation: number }) => {
      calls.push(`try ${body} (${generation})`);
      return results[body] ?? { kind: 'handled' };
    },
    secondsUntil: (until: number) => until,
    bell: { hide: async (receipt: string, seconds: number) => void calls.push(`hide ${receipt} ${seconds}`) },
    renewal: { renew: async ({ messageId }: ReceivedMessage) => calls.push(`renew ${messageId}`) > 0 },
    failures: {
      giveBack: async ({ messageId }: ReceivedMessage, { code, message }: { code: string; message?: string }) => {
        calls.push(`give back ${messageId} ${code}${message === undefined ? '' : `: ${message}`}`);
        return 'returned';
      },
    },
    count: (metric: string) => void calls.push(metric),
    logger: { warn: (...line: unknown[]) => void calls.push(JSON.stringify(line)) },
  } as unknown as Workbench;
  return { bench, calls };
}

describe('messages as they come', () => {
  const settle = async (bench: Workbench, ...messages: ReceivedMessage[]) =>
    (await settleAsTheyCome(messages, bench)).map(({ messageId }) => messageId);

  it('are settled one after another', async () => {
    const { bench, calls } = open({ b: { kind: 'duplicate' } });

    expect(await settle(bench, messageOf('a'), messageOf('b'))).toStrictEqual([]);
    expect(calls).toStrictEqual(['try a (0)', 'try b (0)']);
  });

  it('go back behind one that fails, which decides how long they wait', async () => {
    const { bench, calls } = open({ b: failed });

    expect(await settle(bench, messageOf('a'), messageOf('b'), messageOf('c'))).toStrictEqual(['b', 'c']);
    expect(calls).toStrictEqual(['try a (0)', 'try b (0)', 'give back b LOCKED', 'hide r-c 0']);
  });

  it('go back untried once the time is over', async () => {
    const { bench, calls } = open({}, 1);

    expect(await settle(bench, messageOf('a'), messageOf('b'))).toStrictEqual(['b']);
    expect(calls).toStrictEqual(['try a (0)']);
  });

  it.each<[AttemptResult, string]>([
    [{ kind: 'overtaken' }, 'hide r-a 1'],
    [{ kind: 'busy', until: 31 as EpochMs }, 'hide r-a 31'],
  ])('are hidden, or get new receives, where another execution is at work: %o', async (result, hidden) => {
    const early = open({ a: result });
    const last = open({ a: result });

    expect(await settle(early.bench, messageOf('a'))).toStrictEqual(['a']);
    expect(early.calls).toStrictEqual(['try a (0)', hidden]);
    expect(await settle(last.bench, messageOf('a', 3))).toStrictEqual([]);
    expect(last.calls).toStrictEqual(['try a (0)', 'hide r-a 90', 'renew a']);
  });
});

describe('a message outside the order of its group', () => {
  it.each([
    [{ kind: 'handled' } as const, 'acknowledge'],
    [failed, 'return'],
  ])('is done with where its event is, of whatever type: %o', async (result, fate) => {
    expect(await settleAlone(messageOf('a'), { kind: 'unknown' }, open({ a: result }).bench)).toBe(fate);
  });

  it('is told to be late where its event is handled now', async () => {
    const { bench, calls } = open();

    expect(await settleAlone(messageOf('a'), { kind: 'late', generation: 2, processed: 9 }, bench)).toBe('acknowledge');
    expect(calls).toStrictEqual([
      'try a (2)',
      'EventsHandledLate',
      JSON.stringify([
        'handled late: the cursor had gone past the event without it',
        { event_id: 'e5', tenant_id: 'acme', group: 'g', sequence: '5', processed: 9 },
      ]),
    ]);
  });

  it.each([
    [logged(5, { id: 'e9' } as never), "'e9' from '/orders'"],
    [tombstone(5), 'no event, as an operator has marked'],
  ])('is refused where the log has something else at its place: %#', async (entry, what) => {
    const { bench, calls } = open();

    expect(await settleAlone(messageOf('a'), { kind: 'misplaced', logged: entry }, bench)).toBe('return');
    expect(calls).toStrictEqual([expect.stringContaining(`where the outbox log has ${what}: `)]);
  });
});
