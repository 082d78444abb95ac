import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import {
  createConsumer,
  createDynamoDbCursorStore,
  createSqsConsumerQueue,
  type EventHandler,
  type FailureNotes,
  handlersFor,
  PermanentError,
} from '../../../lib/consumer/index.ts';
import {
  CURSORS_TABLE,
  defineSubscription,
  INBOX_TABLE,
  OUTBOX_TABLE,
  PENDING_TABLE,
  type Subscription,
  takesOf,
  WaybillError,
} from '../../../lib/definitions/index.ts';
import { createDynamoDbLog, createDynamoDbSkipLedger, skip } from '../../../lib/operations/index.ts';
import { createDynamoDbOutboxStore, createOutbox, type Outbox } from '../../../lib/outbox/index.ts';
import type { Clock, EpochMs } from '../../../lib/shared/time.ts';
import { createCountingIds } from '../../fixtures/event-maker.ts';
import { consumerOptionsIn, type Process, RETENTION_SECONDS, TABLES } from '../consumer-in.ts';
import { Common, type Numbered, Rare } from '../events.ts';
import { LEDGER_TABLE } from '../handlers.ts';
import type { Planted } from '../planted.ts';
import { answerRequest, createTables, type DynamoDbRequest, type Tables } from '../services/dynamodb-requests.ts';
import { modelDynamoDb, modelSqs } from '../services/model-clients.ts';
import { STARTS_AT } from '../simulation.ts';
import type { Begin, Surroundings } from './program.ts';
import type { Scope } from './scope.ts';

const GROUP = 'a';
const CONSUMER = 'consumer';
export const FUNCTION_TIMEOUT_MS = 3_000;
/** Six times the function's timeout, as it should be. */
export const VISIBILITY_TIMEOUT_MS = 18_000;

/** What everything in an exploration stands on: committed events, and the code. */
export interface World {
  readonly tables: Tables;
  /** The serialized events, by sequence. */
  readonly bodies: ReadonlyMap<number, string>;
  /** Whether a deployment changes that the code takes the event. */
  isToggled(sequence: number): boolean;
  sequenceOf(body: string): number;
  consume(at: number, code: 'old' | 'new', received: readonly ReceivedMessage[]): Begin;
  /** An operator's command. */
  stepOver(at: number, sequence: number): Begin;
}

interface ReceivedMessage {
  readonly id: string;
  readonly receipt: string;
  readonly sequence: number;
  readonly receiveCount: number;
}

/** Nothing that is explored depends on what people read. */
const noNotes: FailureNotes = {
  record: async () => undefined,
  resolve: async () => undefined,
  find: async () => undefined,
};

/** The first of every choice of backoff: waits only keep apart what may as well meet. */
const noJitter = () => 0;

export async function createWorld(scope: Scope, planted: Planted): Promise<World> {
  const { addedTypes = [] } = scope;
  const tables = createTables({
    [TABLES.outbox]: OUTBOX_TABLE,
    [TABLES.pending]: PENDING_TABLE,
    [TABLES.cursors]: CURSORS_TABLE,
    [TABLES.inbox]: INBOX_TABLE,
    [LEDGER_TABLE]: { partitionKey: { name: 'id', type: 'S' } },
  });
  const bodies = await publish(tables, scope);
  const sequences = new Map([...bodies].map(([sequence, body]) => [body, sequence]));
  const subscriptions = {
    old: subscriptionTo(addedTypes.length > 0 ? [Common] : [Common, Rare]),
    new: subscriptionTo([Common, Rare]),
  };

  const processIn = (begun: Begin['key'], { call, now, signalAfter }: Surroundings): Process => {
    const clock: Clock = { now: () => now() as EpochMs };
    const change = planted.request ?? ((request: DynamoDbRequest) => request);
    const dynamodb = modelDynamoDb((operation, input) => {
      const request = change({ operation, input });
      return call({ service: 'dynamodb', ...request });
    });
    const sleep = async (delayMs: number) =>
      void (await call({ service: 'sleep', operation: 'sleep', input: { delayMs } }));
    let sent = 0;
    return {
      dynamodb,
      sqs: modelSqs((operation, input) => call({ service: 'sqs', operation, input })),
      clock,
      sleep,
      random: noJitter,
      signalAfter,
      newDeduplicationId: () => {
        sent += 1;
        return `${begun} ${sent}`;
      },
      outbox: outboxOf(dynamodb, clock, sleep),
      notes: noNotes,
    };
  };

  return {
    tables,
    bodies,
    isToggled: (sequence) => addedTypes.includes(sequence),
    sequenceOf: (body) => sequences.get(body) ?? 0,

    consume(at, code, received) {
      const key = `${code} ${received.map(({ receipt, sequence }) => `${receipt}=${sequence}`).join(',')}`;
      const subscription = subscriptions[code];
      return {
        key,
        at,
        timeoutMs: FUNCTION_TIMEOUT_MS,
        main: (surroundings): Promise<SQSBatchResponse> => {
          const handler = handlerIn(surroundings, scope);
          const served = handlersFor(
            subscription,
            Object.fromEntries(subscription.events.map(({ type }) => [type, handler])),
          );
          const settings = {
            subscription,
            maxReceiveCount: scope.maxReceiveCount,
            visibilityTimeoutSeconds: VISIBILITY_TIMEOUT_MS / 1000,
            claim: scope.claims?.[code] ?? 'commit',
          };
          const options = consumerOptionsIn(processIn(key, surroundings), settings, planted);
          const records = received.map((message) => recordOf(message, bodies.get(message.sequence) ?? ''));
          return createConsumer(planted.served?.(served) ?? served, options)(
            { Records: records },
            surroundings.context,
          );
        },
      };
    },

    stepOver(at, sequence) {
      return {
        key: `skip ${sequence}`,
        at,
        // a command has no time limit
        timeoutMs: Number.MAX_SAFE_INTEGER,
        main: (surroundings) => {
          const process = processIn(`skip ${at}`, surroundings);
          const { dynamodb: client, clock, sleep, random, newDeduplicationId } = process;
          return skip(
            {
              consumer: CONSUMER,
              clock,
              notes: noNotes,
              cursors: createDynamoDbCursorStore({
                client,
                tableName: TABLES.cursors,
                consumer: CONSUMER,
                expirySeconds: 2 * RETENTION_SECONDS,
                clock,
                sleep,
                random,
              }),
              log: createDynamoDbLog({ client, outboxTableName: TABLES.outbox }),
              skips: createDynamoDbSkipLedger({ client, tableName: TABLES.inbox, consumer: CONSUMER }),
              queue: createSqsConsumerQueue({ client: process.sqs, queueUrl: 'queue', newDeduplicationId }),
              takes: takesOf(subscriptions.new.events),
            },
            { group: GROUP, sequence, by: 'operator', reason: 'it will never succeed' },
          );
        },
      };
    },
  };
}

const subscriptionTo = (events: Subscription['events']): Subscription =>
  defineSubscription({
    name: CONSUMER,
    events,
    startFrom: 'horizon',
    retry: { baseSeconds: 1, capSeconds: 1 },
  });

const outboxOf = (client: Process['dynamodb'], clock: Clock, sleep: Process['sleep']): Outbox =>
  createOutbox({
    store: createDynamoDbOutboxStore({ client, outboxTableName: TABLES.outbox, pendingTableName: TABLES.pending }),
    clock,
    ids: createCountingIds(),
    sleep,
    random: noJitter,
    retentionSeconds: RETENTION_SECONDS,
  });

/** Commits the events as a service would. @returns their bodies by sequence */
async function publish(tables: Tables, { events, addedTypes = [] }: Scope): Promise<ReadonlyMap<number, string>> {
  const client = modelDynamoDb(async (operation, input) => answerRequest(tables, { operation, input }));
  const outbox = outboxOf(client, { now: () => STARTS_AT }, async () => undefined);
  const bodies = new Map<number, string>();
  for (let number = 1; number <= events; number++) {
    const definition = addedTypes.includes(number) ? Rare : Common;
    const { events: sealed } = await outbox.transact((tx) => tx.publish(definition, { number, group: GROUP }));
    bodies.set(number, JSON.stringify(sealed[0]));
  }
  return bodies;
}

/** What the handler calls cannot be reached, and says until when. */
class AwayError extends WaybillError {
  readonly code = 'AWAY';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 1;
}

function handlerIn({ call }: Surroundings, { failing }: Scope): EventHandler<typeof Common> {
  return async ({ id, data: { number } }: { id: string; data: Numbered }, { tx }) => {
    tx.put({ TableName: LEDGER_TABLE, Item: { id: String(number), eventId: id } });
    if (failing?.sequence !== number) return;
    const how = await call({ service: 'handler', operation: 'handle', input: { sequence: number } });
    if (how === 'fails') throw new Error('the handler fails');
    if (how === 'permanent') throw new PermanentError('the handler refuses');
    if (how === 'defers') throw new AwayError();
  };
}

const recordOf = ({ id, receipt, receiveCount }: ReceivedMessage, body: string): SQSRecord => ({
  messageId: id,
  receiptHandle: receipt,
  body,
  attributes: {
    ApproximateReceiveCount: String(receiveCount),
    SentTimestamp: '0',
    SenderId: 'sender',
    ApproximateFirstReceiveTimestamp: '0',
    MessageGroupId: GROUP,
  },
  messageAttributes: {},
  md5OfBody: '',
  eventSource: 'aws:sqs',
  eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:model.fifo',
  awsRegion: 'eu-west-1',
});
