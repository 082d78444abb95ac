import { describe, expect, it } from 'vitest';
import type { ReceivedMessage } from '../../../lib/consumer/received-message.ts';
import { laneInOrder } from '../../../lib/consumer/settle-in-order.ts';
import type { StrictOrdering, Workbench } from '../../../lib/consumer/workbench.ts';
import type { CloudEvent } from '../../../lib/contracts/index.ts';
import type { LaneDeps, LaneMessage, Settlement, Suspicion } from '../../../lib/ordering/index.ts';
import { addMs } from '../../../lib/shared/time.ts';
import { createTestBell } from '../../fixtures/bell.ts';
import { cursorAt, LONG_AGO, waitingFor } from '../ordering/lane-rig.ts';

const messageOf = (name: string, receiveCount = 1): ReceivedMessage & LaneMessage => ({
  messageId: name,
  receiptHandle: `r-${name}`,
  receiveCount,
  messageGroup: 'g',
  body: name,
  event: { id: name, partitionkey: 'g', sequence: '5', tenantid: 'acme', time: '2026-11-20T04:00:00Z' } as CloudEvent,
});

interface Given {
  readonly names: readonly string[];
  readonly fates?: Readonly<Record<string, Settlement>>;
  readonly suspicions?: Readonly<Record<string, Suspicion>>;
  /** Receives so far, of all. */
  readonly receiveCount?: number;
  readonly attempt?: unknown;
  /** After so many calls the time is over. @default - never */
  readonly overAfter?: number;
}

/** A group's lane whose messages end as they are told, and what is done about them. */
function open(given: Given) {
  const { names, fates = {}, suspicions = {}, receiveCount = 1, attempt, overAfter = Number.POSITIVE_INFINITY } = given;
  const calls: string[] = [];
  let deps: LaneDeps | undefined;
  const bell = {
    ...createTestBell(),
    hide: async (receipt: string, seconds: number) => {
      calls.push(`hide ${receipt} ${seconds}`);
      return 'hidden' as const;
    },
    acknowledge: async (receipts: readonly string[]) => void calls.push(`acknowledge ${receipts.join(' ')}`),
  };
  const strict = {
    createLane: (_: string, __: unknown, laneDeps: LaneDeps) => {
      deps = laneDeps;
      return {
        suspicion: ({ body }: LaneMessage) => suspicions[body] ?? 'none',
        settle: async ({ body }: LaneMessage, behind: readonly LaneMessage[]) => {
          calls.push(`settle ${body} before ${behind.length}`);
          return fates[body] ?? 'acknowledge';
        },
      };
    },
  } as unknown as StrictOrdering;
  const bench = {
    bell,
    subscription: { events: [] },
    limits: { maxReceiveCount: 3 },
    isOver: () => calls.length >= overAfter,
    renewal: {
      renew: async ({ messageId }: ReceivedMessage) => {
        calls.push(`renew ${messageId}`);
        return true;
      },
      tell: ({ id }: CloudEvent) => void calls.push(`renewed ${id}`),
    },
    count: (metric: string) => void calls.push(metric),
    logger: { warn: (...line: unknown[]) => void calls.push(JSON.stringify(line)) },
    failures: {
      noteWaiting: async (body: string, { sequence }: { sequence: number }, stackHead: string) =>
        void calls.push(`note ${body} ${sequence} ${stackHead}`),
    },
    attempt: async () => attempt,
  } as unknown as Workbench;
  const messages = names.map((name) => messageOf(name, receiveCount));
  const lane = laneInOrder('g', messages, undefined, strict, bench);
  if (deps === undefined) throw new Error('a lane was made');
  return { lane, calls, deps };
}

describe('the messages of a group', () => {
  it('are settled one after another, and deleted before one that may end the process', async () => {
    const { lane, calls } = open({ names: ['a', 'b', 'c'], suspicions: { c: 'once' } });

    expect(await lane.settle()).toStrictEqual([]);
    expect(calls).toStrictEqual(['settle a before 2', 'settle b before 1', 'acknowledge r-a r-b', 'settle c before 0']);
  });

  it('are not deleted where nothing is done with, though one may end the process', async () => {
    const { lane, calls } = open({ names: ['a', 'b'], fates: { a: 'return' }, suspicions: { a: 'once', b: 'often' } });

    expect((await lane.settle()).map(({ messageId }) => messageId)).toStrictEqual(['a']);
    expect(calls).toStrictEqual(['settle a before 1', 'settle b before 0']);
  });

  it.each([
    [1, ['b', 'c'], ['hide r-c 0']],
    [3, [], ['renew b', 'renew c']],
  ])('go back behind one that blocks them, or get new ones: receive %i', async (receiveCount, returned, more) => {
    const { lane, calls } = open({ names: ['a', 'b', 'c'], fates: { b: 'blocked' }, receiveCount });

    expect((await lane.settle()).map(({ messageId }) => messageId)).toStrictEqual(returned);
    expect(calls).toStrictEqual(['settle a before 2', 'settle b before 1', ...more]);
  });

  it('go back untried once the time is over', async () => {
    const { lane, calls } = open({ names: ['a', 'b', 'c'], overAfter: 1 });

    expect((await lane.settle()).map(({ messageId }) => messageId)).toStrictEqual(['b', 'c']);
    expect(calls).toStrictEqual(['settle a before 2']);
  });

  it.each<[Suspicion, Readonly<Record<string, Suspicion>>]>([
    ['none', {}],
    ['once', { b: 'once' }],
    ['often', { a: 'once', b: 'often' }],
  ])('are as suspect as the worst of them: %s', (worst, suspicions) => {
    expect(open({ names: ['a', 'b'], suspicions }).lane.suspicion).toBe(worst);
  });
});

describe('what a lane does beside', () => {
  const failed = (more: object) => ({
    kind: 'failed',
    failure: {
      code: 'LOCKED',
      message: 'locked',
      permanent: false,
      retryAfterSeconds: 3,
      deferrable: false,
      stackHead: 'at deposit',
      ...more,
    },
  });
  const move = {} as Parameters<LaneDeps['attempt']>[1];

  it.each([
    ['LOCKED', false],
    ['EVENT_MALFORMED', true],
    ['TENANT_MISSING', true],
  ])('tells a failure from a message that can come into no lane: %s', async (code, isUnreadable) => {
    const { deps, calls } = open({ names: ['a'], attempt: failed({ code }) });

    expect(await deps.attempt('a', move, 0)).toStrictEqual({
      kind: 'failed',
      reason: { code, message: 'locked' },
      permanent: false,
      retryAfterSeconds: 3,
      deferrable: false,
      isUnreadable,
    });
    expect(calls).toStrictEqual([]);
  });

  it('counts an event that has to wait, and notes a failure with its stack', async () => {
    const { deps, calls } = open({ names: ['a'], attempt: failed({ deferrable: true }) });

    await deps.observer.failed('a', cursorAt(4));
    await deps.observer.failed('a', cursorAt(4, { waitingFor: waitingFor(5) }));
    await deps.attempt('a', move, 0);
    await deps.observer.failed('a', cursorAt(4, { waitingFor: waitingFor(5) }));

    expect(calls).toStrictEqual(['note a 5 ', 'EventsDeferred', 'note a 5 at deposit']);
  });

  it('is counted and told', () => {
    const { deps, calls } = open({ names: ['a'] });

    deps.observer.released(waitingFor(5, { since: addMs(LONG_AGO, 0) }));
    deps.observer.drained();
    deps.observer.behind();
    deps.observer.overtaken();
    deps.observer.renewed(messageOf('a'));

    expect(calls).toStrictEqual([
      'GroupsReleased',
      JSON.stringify([
        'the group no longer waits for an event of a type that this code does not take',
        { group: 'g', sequence: 5, event_type: 'taken', event_source: '/orders', since: LONG_AGO },
      ]),
      'EventsDrained',
      'MessagesBehind',
      'RacesLost',
      'renewed a',
    ]);
  });

  it('settles no message alone that is none of its own', async () => {
    const { deps } = open({ names: ['a'] });

    expect(await deps.settleAlone(messageOf('x'), { kind: 'unknown' })).toBe('return');
  });
});
