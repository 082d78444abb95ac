import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  createConsumer,
  createPowertoolsInbox,
  type HandlerContext,
  handlersFor,
  PermanentError,
} from '../../../lib/consumer/index.ts';
import { defineEvent, defineSubscription, type Ordering } from '../../../lib/definitions/index.ts';
import { createOutbox } from '../../../lib/outbox/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createInMemoryCursorStore } from '../../../lib/testing/in-memory-cursor-store.ts';
import { createInMemoryEventLog } from '../../../lib/testing/in-memory-event-log.ts';
import { createInMemoryFailureNotes } from '../../../lib/testing/in-memory-failure-notes.ts';
import { createInMemoryInbox } from '../../../lib/testing/in-memory-inbox.ts';
import { createInMemoryInboxMemory } from '../../../lib/testing/in-memory-inbox-memory.ts';
import { createQueue } from '../../../lib/testing/queue.ts';
import { createSilentLogger, createSilentMetrics } from '../../../lib/testing/silent-telemetry.ts';
import { createCountingIds } from '../../fixtures/event-maker.ts';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { createTestOutbox } from '../../fixtures/outbox.ts';
import { sdkError } from '../../fixtures/sdk-error.ts';

/** What can be throttled around an event and in its handler. */
type Part = 'the handler’s own call' | 'the commit' | 'the inbox' | 'reading cursors' | 'writing cursors' | 'the notes';

/** As `Deposited`, each event alone. */
const Noted = defineEvent({
  type: Deposited.type,
  source: Deposited.source,
  version: 1,
  schema: Deposited.schema,
});

interface Throttled {
  readonly ordering: Ordering;
  readonly isGrouped: boolean;
  readonly parts: readonly Part[];
  readonly refusal?: () => unknown;
  /** How long the service refuses. @default a minute */
  readonly seconds?: number;
}

/** Publishes three events to a consumer that may receive a message twice, and runs its queue until nothing is left. */
async function runThrottled({ ordering, isGrouped, parts, refusal, seconds = 60 }: Throttled) {
  const definition = isGrouped ? Deposited : Noted;
  const subscription = defineSubscription({ name: 'banking', events: [definition], ordering });
  const { outbox, store, tables, clock } = createTestOutbox({
    accounts: ['accountId'],
    inbox: ['id'],
    cursors: ['id'],
  });
  const until = clock.now() + seconds * 1000;
  const call = (part: Part) => {
    if (parts.includes(part) && clock.now() < until) throw refusal?.() ?? sdkError('ThrottlingException');
  };
  const limits = { maxReceiveCount: 2, visibilityTimeoutSeconds: 6 };
  const queue = createQueue({ name: 'banking', clock, ...limits });
  const inbox = createInMemoryInbox({ clock, tables, tableName: 'inbox', consumer: 'banking' });
  const notes = createInMemoryFailureNotes(clock);
  const cursors = createInMemoryCursorStore({ tables, tableName: 'cursors', consumer: 'banking' });
  const amounts: number[] = [];
  const onDeposit = ({ data }: { readonly data: { readonly amount: number } }, { tx, afterCommit }: HandlerContext) => {
    call('the handler’s own call');
    tx.put({ TableName: 'accounts', Item: { accountId: '7' } });
    afterCommit(() => void amounts.push(data.amount));
  };
  const isThrottled = () => parts.includes('the commit') && clock.now() < until;
  const handlersOutbox = createOutbox({
    store: {
      readHeads: store.readHeads,
      // tokens of the consumer's commits are its own
      commit: async (commit) =>
        isThrottled()
          ? { kind: 'throttled', reason: 'ThrottlingError' }
          : store.commit({ ...commit, token: `consumer ${commit.token}` }),
    },
    clock,
    ids: createCountingIds(),
    sleep: async () => undefined,
    random: () => 0.5,
    retentionSeconds: 60,
  });
  const handler = createConsumer(handlersFor(subscription, { 'com.example.account.deposited': onDeposit }), {
    ...limits,
    inbox: {
      async once(...args) {
        call('the inbox');
        return inbox.once(...args);
      },
    },
    outbox: handlersOutbox,
    logger: createSilentLogger('banking'),
    metrics: createSilentMetrics('banking'),
    clock,
    queue: queue.queue,
    notes: {
      ...notes,
      async record(note) {
        call('the notes');
        return notes.record(note);
      },
    },
    queueRetentionSeconds: 345_600,
    random: () => 0.5,
    timeoutSignal: () => new AbortController().signal,
    strict: {
      cursors: {
        async read(groups) {
          call('reading cursors');
          return cursors.read(groups);
        },
        async save(...args) {
          call('writing cursors');
          return cursors.save(...args);
        },
        change: cursors.change,
      },
      log: createInMemoryEventLog(store),
      sleep: async () => undefined,
      memory: createInMemoryInboxMemory({ tables, tableName: 'inbox', consumer: 'banking' }),
      startInstant: async () => 0 as EpochMs,
    },
  });

  for (const amount of [1, 2, 3]) {
    await outbox.transact((tx) => tx.publish(definition, { accountId: '7', amount }));
  }
  for (const { group, body } of store.events) queue.send(group, body);
  for (let rounds = 0; rounds < 500; rounds++) {
    const records = queue.ready().flatMap((id) => queue.receive(id) ?? []);
    if (records.length > 0) {
      const failed = await handler({ Records: records }, lambdaContext()).then(
        ({ batchItemFailures }) => new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)),
        () => undefined,
      );
      for (const { messageId } of records) if (failed?.has(messageId) === false) queue.delete(messageId);
    }
    const next = queue.nextVisibleAt();
    if (next === undefined) break;
    clock.advance(Math.max(next - clock.now(), 0));
  }
  return { amounts, deadLetters: queue.deadLetters().length, notes: notes.all() };
}

const EVERYTHING: readonly Part[] = [
  'the commit',
  'the handler’s own call',
  'the inbox',
  'reading cursors',
  'writing cursors',
  'the notes',
];

describe.each<[string, Ordering, boolean]>([
  ['strict', 'strict', true],
  ['fifo', 'fifo', true],
  ['strict, without groups', 'strict', false],
  ['fifo, without groups', 'fifo', false],
])('a minute of throttling at a consumer that is %s', (_, ordering, isGrouped) => {
  it.each([...EVERYTHING.map((part): readonly Part[] => [part]), EVERYTHING])(
    'of %s makes no dead letter, and every event is handled once',
    async (...parts) => {
      const { amounts, deadLetters } = await runThrottled({ ordering, isGrouped, parts });

      expect(deadLetters).toBe(0);
      expect(amounts.toSorted()).toStrictEqual([1, 2, 3]);
      if (ordering === 'strict' && isGrouped) expect(amounts).toStrictEqual([1, 2, 3]);
    },
  );

  it.each([
    ['a missing right', () => sdkError('AccessDeniedException')],
    ['a refused request', () => sdkError('ValidationException')],
    ['what the code calls permanent', () => new PermanentError('no', { cause: sdkError('ThrottlingException') })],
    ['what the code says to retry', () => sdkError('ThrottlingException', { disposition: 'retry' })],
  ])('does not cover %s in the handler: the event is a dead letter', async (_what, refusal) => {
    const { deadLetters, notes } = await runThrottled({
      ordering,
      isGrouped,
      parts: ['the handler’s own call'],
      refusal,
      seconds: 1_000_000,
    });

    // strictly in order, the first holds the others
    expect(deadLetters).toBe(ordering === 'strict' && isGrouped ? 1 : 3);
    expect(notes.every(({ state }) => state === 'dead')).toBe(true);
  });
});

it('the claim of an inbox record that is throttled makes no dead letter', async () => {
  const dynamoDb = mockClient(DynamoDBClient);
  onTestFinished(() => dynamoDb.restore());
  dynamoDb.on(PutItemCommand).rejects(sdkError('ProvisionedThroughputExceededException'));
  const { clock } = createTestOutbox();
  const inbox = createPowertoolsInbox({
    client: new DynamoDBClient({ region: 'eu-west-1' }),
    tableName: 'inbox',
    consumer: 'banking',
    expirySeconds: 60,
    clock,
    claim: 'before',
  });
  const claimed = inbox.once({ source: '/bank', id: 'e1' }, async () => undefined, lambdaContext());
  const failure = await claimed.catch((error: unknown) => error);

  const { deadLetters, amounts } = await runThrottled({
    ordering: 'fifo',
    isGrouped: true,
    parts: ['the inbox'],
    refusal: () => failure,
  });

  expect(failure).toMatchObject({ name: 'IdempotencyPersistenceLayerError' });
  expect(deadLetters).toBe(0);
  expect(amounts).toHaveLength(3);
});
