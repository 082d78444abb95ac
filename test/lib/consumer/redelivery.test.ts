import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../lib/consumer/error-policy.ts';
import type { FailureNote } from '../../../lib/consumer/index.ts';
import { type ReceivedMessage, readSerialized } from '../../../lib/consumer/message.ts';
import { createRedelivery, type RedeliveryDeps } from '../../../lib/consumer/redelivery.ts';
import { type CloudEvent, defineSubscription } from '../../../lib/definitions/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { Deposited } from '../../fixtures/events.ts';
import { createTestQueue } from '../../fixtures/test-queue.ts';
import { eventOf } from './rig.ts';

const NOW = 1_795_154_400_000 as EpochMs;
const HOUR_MS = 3_600_000;
const ago = (ms: number) => (NOW - ms) as EpochMs;

const failure = (more: Partial<Failure> = {}): Failure => ({
  code: 'LOCKED',
  message: 'locked',
  stackHead: 'Error: locked',
  thrownAt: 'functions/lock.ts:7',
  permanent: false,
  retryAfterSeconds: 0,
  deferrable: false,
  ...more,
});
const unknown = failure({ code: 'EVENT_TYPE_UNKNOWN', message: 'unknown', deferrable: true, retryAfterSeconds: 30 });

const DEPOSITED = {
  source: '/accounts',
  type: 'com.example.account.deposited',
  partitionkey: 'account#7',
  sequence: '1',
};
const DEPOSITED_EVENT = {
  source: '/accounts',
  type: 'com.example.account.deposited',
  group: 'account#7',
  sequence: 1,
};

const messageOf = (
  receiveCount: number,
  event?: Partial<CloudEvent>,
  messageGroup: string | undefined = 'account#7',
): ReceivedMessage => ({
  messageId: 'm1',
  receiptHandle: 'r1',
  receiveCount,
  messageGroup,
  content: { body: 'body', event: event as CloudEvent },
  event: event && ({ ...DEPOSITED, ...event } as CloudEvent),
});

interface Given {
  readonly known?: Partial<FailureNote>;
  readonly more?: Partial<RedeliveryDeps>;
}

function open({ known, more = {} }: Given = {}) {
  const lines: unknown[] = [];
  const counted: unknown[] = [];
  const recorded: unknown[] = [];
  const letters: unknown[] = [];
  const renewed: string[] = [];
  const resolved: string[] = [];
  const line = (level: string) => (message: string, fields: object) => void lines.push([level, message, fields]);
  const queue = createTestQueue();
  const redelivery = createRedelivery({
    subscription: defineSubscription({ name: 'banking', events: [Deposited] }),
    notes: {
      record: async (note) => void recorded.push(note),
      resolve: async (subject) => void resolved.push(subject),
      find: async () => known as FailureNote | undefined,
    },
    queue,
    telemetry: { messageRenewed: ({ id }) => void renewed.push(id) },
    metrics: { addMetric: (...metric: unknown[]) => void counted.push(metric) } as never,
    logger: { warn: line('WARN'), error: line('ERROR') } as never,
    clock: { now: () => NOW },
    random: () => 0.5,
    maxReceiveCount: 3,
    visibilityTimeoutSeconds: 60,
    queueRetentionSeconds: 345_600,
    onDeadLetter: (letter) => void letters.push(letter),
    ...more,
  });
  return { redelivery, queue, lines, counted, recorded, letters, renewed };
}

describe('the wait after a failed receive', () => {
  it.each([
    ['grows with the receives', 3, {}, 10],
    ['grows so too while nothing is known of how long it takes', 3, { deferrable: true }, 10],
    [
      'is as long as it is told, and somewhat longer, where the event is not at fault',
      3,
      { deferrable: true, retryAfterSeconds: 60 },
      63,
    ],
    ['is as long as it is told, at least', 1, { retryAfterSeconds: 60 }, 60],
    ['is no longer than the queue can hide the message', 1, { retryAfterSeconds: 99_999 }, 42_300],
  ])('%s', (_, receiveCount, wait, expected) => {
    const { redelivery } = open();

    expect(redelivery.backoffSeconds(receiveCount, { retryAfterSeconds: 0, deferrable: false, ...wait })).toBe(
      expected,
    );
  });

  it('is a second at least', () => {
    const { redelivery } = open({ more: { random: () => 0 } });

    expect(redelivery.backoffSeconds(1, { retryAfterSeconds: 0, deferrable: false })).toBe(1);
  });
});

describe('with attempts that operations have tuned below the receives of the queue', () => {
  const more = { maxAttempts: 2, maxReceiveCount: 5 };

  it('a message that fails at the last one goes to the DLQ at once, and the handler sees it no more', async () => {
    const { redelivery, queue, recorded, letters } = open({ more, known: { state: 'dead' } });

    expect(await redelivery.afterFailure(messageOf(2, { id: 'e1' }), failure())).toBe('returned');

    expect(queue.visibilityChanges).toStrictEqual([{ receiptHandle: 'r1', delaySeconds: 0 }]);
    expect(recorded).toMatchObject([{ subject: 'e1', attempts: 2, state: 'dead' }]);
    expect(letters).toHaveLength(1);
    expect(await redelivery.isGivenUp(messageOf(3, { id: 'e1' }))).toBe(true);
  });

  it('a message that fails before it comes again, and so does one that waits for something else', async () => {
    const { redelivery, queue, recorded } = open({ more, known: { state: 'retrying' } });

    await redelivery.afterFailure(messageOf(1, { id: 'e1' }), failure());
    await redelivery.afterFailure(messageOf(4, { id: 'e1' }), failure({ deferrable: true }));

    expect(queue.visibilityChanges.map(({ delaySeconds }) => delaySeconds > 0)).toStrictEqual([true, true]);
    expect(recorded).toMatchObject([{ state: 'retrying' }, { state: 'retrying' }]);
    expect(await redelivery.isGivenUp(messageOf(5, { id: 'e1' }))).toBe(false);
  });

  it('a redriven message gets a fresh chance', async () => {
    const { redelivery } = open({ more, known: { state: 'dead' } });

    expect(await redelivery.isGivenUp(messageOf(1, { id: 'e1' }))).toBe(false);
    expect(await redelivery.isGivenUp(messageOf(2, { id: 'e1' }))).toBe(false);
  });

  it('a message whose note cannot be read is tried', async () => {
    const find = async () => {
      throw new Error('throttled');
    };
    const { redelivery, lines } = open({
      more: { ...more, notes: { find, record: async () => undefined, resolve: async () => undefined } },
    });

    expect(await redelivery.isGivenUp(messageOf(3, { id: 'e1' }))).toBe(false);
    expect(lines).toMatchObject([['WARN', 'reading a failure note failed', { subject: 'e1' }]]);
  });

  it('the backoff is the tuned one', () => {
    const { redelivery } = open({ more: { retry: { baseSeconds: 40, capSeconds: 100 } } });
    const wait = { retryAfterSeconds: 0, deferrable: false };

    expect([1, 2, 3].map((receive) => redelivery.backoffSeconds(receive, wait))).toStrictEqual([20, 40, 50]);
  });
});

describe('a message that failed', () => {
  it('goes back until its backoff is over, with a note', async () => {
    const { redelivery, queue, recorded, lines, counted } = open();

    expect(await redelivery.afterFailure(messageOf(2, { id: 'e1', tenantid: 'acme' }), failure())).toBe('returned');

    expect(queue.visibilityChanges).toStrictEqual([{ receiptHandle: 'r1', delaySeconds: 5 }]);
    expect(recorded).toStrictEqual([
      {
        subject: 'e1',
        tenantId: 'acme',
        event: DEPOSITED_EVENT,
        code: 'LOCKED',
        message: 'locked',
        stackHead: 'Error: locked',
        thrownAt: 'functions/lock.ts:7',
        attempts: 2,
        holdsGroup: false,
        state: 'retrying',
      },
    ]);
    expect([lines, counted]).toStrictEqual([[], []]);
  });

  it.each([
    ['its last receive', 3, failure()],
    ['a failure for good', 1, failure({ permanent: true })],
  ])('is a dead letter after %s: log and hook tell of it', async (_, receiveCount, failed) => {
    const { redelivery, queue, recorded, lines, letters } = open();

    expect(await redelivery.afterFailure(messageOf(receiveCount), failed)).toBe('returned');

    expect(queue.visibilityChanges).toStrictEqual([{ receiptHandle: 'r1', delaySeconds: 0 }]);
    expect(recorded).toMatchObject([{ subject: 'message:m1', state: 'dead' }]);
    expect(recorded[0]).not.toHaveProperty('tenantId');
    expect(lines).toStrictEqual([
      [
        'ERROR',
        'the event goes to the dead-letter queue',
        {
          subject: 'message:m1',
          tenant_id: undefined,
          error_code: 'LOCKED',
          reason: 'locked',
          holds_group: false,
        },
      ],
    ]);
    expect(letters).toStrictEqual([
      { subject: 'message:m1', body: 'body', failure: { code: 'LOCKED', message: 'locked' }, holdsGroup: false },
    ]);
  });

  it.each([
    ['account#7', 'renewed', [], 'retrying'],
    ['', 'returned', [{ receiptHandle: 'r1', delaySeconds: 0 }], 'dead'],
  ])('gets new receives where it waits, if it is in a group: %s', async (group, fate, hidden, state) => {
    const { redelivery, queue, recorded, counted } = open();
    const message = { ...messageOf(3), messageGroup: group === '' ? undefined : group };

    expect(await redelivery.afterFailure(message, failure({ deferrable: true }))).toBe(fate);

    expect(queue.visibilityChanges).toStrictEqual(hidden);
    expect(recorded).toMatchObject([{ state }]);
    expect(counted).toStrictEqual([['EventsDeferred', 'Count', 1]]);
  });

  it('gets none before it has used up its own, and none where it has failed for good', async () => {
    const early = open();
    const forGood = open();

    expect(await early.redelivery.afterFailure(messageOf(2), failure({ deferrable: true }))).toBe('returned');
    expect(await forGood.redelivery.afterFailure(messageOf(3), failure({ deferrable: true, permanent: true }))).toBe(
      'returned',
    );
    expect(forGood.counted).toStrictEqual([]);
  });

  it.each<[string, number, Partial<FailureNote> | undefined, EpochMs]>([
    ['now, at first', 1, undefined, NOW],
    ['now, after any other failure', 2, { code: 'LOCKED', state: 'retrying', unknownSince: ago(9) }, NOW],
    ['then, from message to message', 1, { code: unknown.code, state: 'retrying', unknownSince: ago(9) }, ago(9)],
    ['then, on its way to the queue', 2, { code: unknown.code, state: 'dead', unknownSince: ago(9) }, ago(9)],
    ['now, after a redrive', 1, { code: unknown.code, state: 'dead', unknownSince: ago(9) }, NOW],
    ['now, where older code has not noted it', 2, { code: unknown.code, state: 'retrying' }, NOW],
  ])('of an unknown type is so since %s', async (_, receiveCount, known, since) => {
    const { redelivery, recorded, lines } = open({ ...(known && { known }) });

    await redelivery.afterFailure(messageOf(receiveCount, { id: 'e1' }), unknown);

    expect(recorded).toMatchObject([{ unknownSince: since, state: 'retrying' }]);
    expect(lines).toStrictEqual([]);
  });

  it('of a type that has been unknown for an hour is a dead letter', async () => {
    const known = { code: unknown.code, state: 'retrying', unknownSince: ago(HOUR_MS) } as const;
    const { redelivery, recorded, counted } = open({ known });

    expect(await redelivery.afterFailure(messageOf(1, { id: 'e1' }), unknown)).toBe('returned');
    expect(recorded).toMatchObject([{ state: 'dead', unknownSince: ago(HOUR_MS) }]);
    expect(counted).toStrictEqual([]);
  });

  it('of an unknown type waits on where its note cannot be read', async () => {
    const notes = {
      record: async () => undefined,
      resolve: async () => undefined,
      find: async () => {
        throw new Error('throttled');
      },
    };
    const { redelivery, lines, queue } = open({ more: { notes } });

    await redelivery.afterFailure(messageOf(1, { id: 'e1', tenantid: 'acme' }), unknown);

    expect(queue.visibilityChanges).toStrictEqual([{ receiptHandle: 'r1', delaySeconds: 33 }]);
    expect(lines).toStrictEqual([
      [
        'WARN',
        'reading a failure note failed',
        { subject: 'e1', tenant_id: 'acme', error: expect.objectContaining({ message: 'throttled' }) },
      ],
    ]);
  });

  it('is not asked about its type where that is known', async () => {
    const { redelivery, recorded } = open({ known: { code: unknown.code, state: 'retrying', unknownSince: ago(9) } });

    await redelivery.afterFailure(messageOf(1, { id: 'e1' }), failure());

    expect(recorded[0]).not.toHaveProperty('unknownSince');
    expect(recorded[0]).not.toHaveProperty('tenantId');
  });

  it('goes its way although neither note nor hook works, and the log says so', async () => {
    const refuse = async () => {
      throw new Error('no');
    };
    const { redelivery, queue, lines } = open({
      more: { notes: { record: refuse, resolve: refuse, find: async () => undefined }, onDeadLetter: refuse },
    });

    await redelivery.afterFailure(messageOf(3, { id: 'e1', tenantid: 'acme' }), failure());

    expect(queue.visibilityChanges).toHaveLength(1);
    const fields = { subject: 'e1', tenant_id: 'acme', error: expect.objectContaining({ message: 'no' }) };
    expect(lines).toStrictEqual([
      ['WARN', 'recording a failure failed', fields],
      ['ERROR', 'the event goes to the dead-letter queue', expect.anything()],
      ['WARN', 'onDeadLetter failed', fields],
    ]);
  });

  it.each([
    ['acme', ['acme']],
    [undefined, []],
  ])('is told to the hook as its tenant’s: %s', async (tenantid, expected) => {
    const entered: string[] = [];
    const tenancy = {
      runAsTenant: <Value>(tenantId: string, work: () => Value) => {
        entered.push(tenantId);
        return work();
      },
    };
    const { redelivery, letters } = open({ more: { tenancy: tenancy as never } });

    await redelivery.afterFailure(messageOf(3, { id: 'e1', ...(tenantid && { tenantid }) }), failure());

    expect(entered).toStrictEqual(expected);
    expect(letters).toHaveLength(1);
  });

  it('needs no hook', async () => {
    const { onDeadLetter: _, ...deps } = { onDeadLetter: undefined };
    const { redelivery, lines } = open({ more: { ...deps, onDeadLetter: undefined as never } });

    await redelivery.afterFailure(messageOf(3), failure());

    expect(lines).toHaveLength(1);
  });
});

describe('a group that waits for an event', () => {
  const waits = {
    attempts: 2,
    reason: { code: 'LOCKED', message: 'locked' },
    state: 'retrying',
    since: ago(9),
  } as const;

  it('is noted with the event, whether the code can read it or not', async () => {
    const { redelivery, recorded, counted } = open();
    const owner = { tenantid: 'acme', partitionkey: 'tenant:acme:account#7' };
    const event = await eventOf(Deposited, { accountId: '7', amount: 1 }, { id: 'e1', ...owner });

    await redelivery.noteBlocked(readSerialized(JSON.stringify(event)), waits, {
      stackHead: 'Error: locked',
      thrownAt: 'functions/lock.ts:7',
    });
    await redelivery.noteBlocked(readSerialized('odd'), waits);

    const note = { code: 'LOCKED', message: 'locked', attempts: 2, state: 'retrying', holdsGroup: true };
    expect(recorded).toStrictEqual([
      {
        subject: 'e1',
        tenantId: 'acme',
        event: {
          source: '/accounts',
          type: 'com.example.account.deposited',
          group: 'tenant:acme:account#7',
          sequence: 1,
        },
        stackHead: 'Error: locked',
        thrownAt: 'functions/lock.ts:7',
        ...note,
      },
      {
        subject: 'unreadable:990cb8ebd0afb7150da453a213036a92f2c05e091df0d803e62d257ea7796c27',
        stackHead: '',
        thrownAt: undefined,
        ...note,
      },
    ]);
    expect(counted).toStrictEqual([]);
  });

  it('is counted as held, and told to the hook, where its event is a dead letter', async () => {
    const { redelivery, counted, letters } = open();

    await redelivery.noteBlocked(readSerialized('odd'), { ...waits, state: 'dead' });

    expect(counted).toStrictEqual([['GroupsHeld', 'Count', 1]]);
    expect(letters).toMatchObject([{ body: 'odd', holdsGroup: true }]);
  });

  it('notes since when the type of its event is unknown', async () => {
    const { redelivery, recorded } = open();
    const { since, ...without } = waits;
    const reason = { code: unknown.code, message: 'unknown' };

    await redelivery.noteBlocked(readSerialized('odd'), { ...waits, reason });
    await redelivery.noteBlocked(readSerialized('odd'), { ...without, reason });
    await redelivery.noteBlocked(readSerialized('odd'), waits);

    expect(recorded.map((note) => (note as Partial<FailureNote>).unknownSince)).toStrictEqual([
      since,
      undefined,
      undefined,
    ]);
    expect(recorded[1]).not.toHaveProperty('unknownSince');
  });
});

describe('a message whose receives are used up through no fault of its own', () => {
  it('gets a new one in the group of its event', async () => {
    const { redelivery, queue, renewed } = open();
    const event = { id: 'e1', partitionkey: 'account#8' };

    expect(await redelivery.release([messageOf(3, event)])).toStrictEqual([]);

    expect(queue.resent).toStrictEqual([{ group: 'account#8', body: 'body' }]);
    expect(queue.deleted).toStrictEqual(['r1']);
    expect(renewed).toStrictEqual(['e1']);
  });

  it('gets one in its own group where it holds no event', async () => {
    const { redelivery, queue, renewed } = open();

    expect(await redelivery.release([messageOf(3)])).toStrictEqual([]);

    expect(queue.resent).toStrictEqual([{ group: 'account#7', body: 'body' }]);
    expect(renewed).toStrictEqual([]);
  });

  it('gets none without a group to put it into, nor before they are used up', async () => {
    const { redelivery, queue } = open();
    const alone = { ...messageOf(3), messageGroup: undefined };

    expect(await redelivery.release([alone, messageOf(2)])).toStrictEqual([alone, messageOf(2)]);
    expect([...queue.resent, ...queue.deleted]).toStrictEqual([]);
  });
});

describe('the visibility of a message', () => {
  it('ends later, on its last receive not before the visibility timeout when nothing was tried', async () => {
    const { redelivery, queue } = open();

    await redelivery.postpone(messageOf(3), 5);
    await redelivery.postponeUntried(messageOf(2), 5);
    await redelivery.postponeUntried(messageOf(3), 5);
    await redelivery.showAgain([messageOf(1)]);

    expect(queue.visibilityChanges.map(({ delaySeconds }) => delaySeconds)).toStrictEqual([5, 5, 60, 0]);
  });

  it('is another execution’s business once that took it over: a group gets a new message for its event', async () => {
    const { redelivery, queue } = open();
    queue.gone.add('r1');

    await redelivery.postpone(messageOf(1), 5);
    await redelivery.postpone(messageOf(1), 5, 'account#7');

    expect(queue.resent).toStrictEqual([{ group: 'account#7', body: 'body' }]);
  });
});
