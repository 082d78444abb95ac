import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  QueryCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { OPERATOR_TABLE } from '../definitions/index.ts';
import { marshallItem, unmarshallItem } from '../shared/marshalling.ts';
import { assertStoredFormat, STORED_FORMAT } from '../shared/stored-format.ts';
import { addMs, type EpochMs, toEpochSeconds } from '../shared/time.ts';
import { isConflict } from './commit-record.ts';
import type { RedriveItem, RedriveRun } from './redrive-run.ts';
import {
  type ActiveRuns,
  CHUNK_SIZE,
  type RedriveRuns,
  type RunChange,
  type RunDriver,
  type RunLease,
  type StopRequest,
  type StoredRun,
} from './redrive-runs.ts';

export interface DynamoDbRedriveRunsOptions {
  readonly client: DynamoDBClient;
  /** The operator table. */
  readonly tableName: string;
}

type Item = Record<string, AttributeValue>;

const DAY_MS = 24 * 60 * 60_000;

/** The record of a run: who, what, why, when, and how it ended. */
const RUN_EXPIRY_MS = 400 * DAY_MS;

/** The events of a run. Its record has the numbers. */
const EVENTS_EXPIRY_MS = 90 * DAY_MS;

const RUNS = 'redrive-runs';

/** Items of a transaction that are written together. They are some 20 KB each, and a transaction takes 4 MB. */
const CHUNKS_PER_WRITE = 20;

const keyItem = (id: string, name: string): Item => ({
  [OPERATOR_TABLE.partitionKey.name]: { S: id },
  [OPERATOR_TABLE.sortKey.name]: { S: name },
});

const runKey = (runId: string): Item => keyItem(RUNS, runId);
const chunksId = (runId: string): string => `redrive-run#${runId}`;
const chunkName = (number: number): string => `chunk#${String(number).padStart(6, '0')}`;
const activeKey = (consumer: string): Item => keyItem(`consumer#${consumer}`, 'active-redrives');

/** Attributes of the record of a run. */
const NAMES = {
  '#run': 'run',
  '#fence': 'fence',
  '#driver': 'driver',
  '#until': 'until',
  '#stop': 'stopRequest',
} as const;

const namesIn = (...expressions: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(NAMES).filter(([name]) => expressions.some((text) => text.includes(name))));

export function createDynamoDbRedriveRuns({ client, tableName }: DynamoDbRedriveRunsOptions): RedriveRuns {
  const read = async (Key: Item): Promise<Item | undefined> =>
    (await client.send(new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true }))).Item;

  const find = async (id: string): Promise<StoredRun | undefined> => {
    const item = await read(runKey(id));
    return item && readRun(item);
  };

  /** The update of a run's record as part of a transaction, or alone. */
  const update = (runId: string, expression: string, condition: string, values: Item) => ({
    TableName: tableName,
    Key: runKey(runId),
    UpdateExpression: expression,
    ConditionExpression: condition,
    ExpressionAttributeNames: namesIn(expression, condition),
    ExpressionAttributeValues: values,
  });

  const saved = (lease: RunLease, run: RedriveRun, driver: RunDriver | undefined) =>
    driver === undefined
      ? update(lease.runId, 'SET #run = :run REMOVE #driver, #until', '#fence = :fence', {
          ':run': runValue(run),
          ':fence': { N: String(lease.fence) },
        })
      : update(lease.runId, 'SET #run = :run, #driver = :driver, #until = :until', '#fence = :fence', {
          ':run': runValue(run),
          ':fence': { N: String(lease.fence) },
          ':driver': { S: driver.name },
          ':until': { N: String(driver.until) },
        });

  const transact = async (items: TransactWriteItem[]): Promise<'done' | 'conflict'> => {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: items }));
      return 'done';
    } catch (error) {
      if (isConflict(error)) return 'conflict';
      throw error;
    }
  };

  const put = (item: Item) => ({ Put: { TableName: tableName, Item: item } });

  /** Each transaction is refused once another driver has the run. */
  const saveChunks = async ({ runId, fence }: RunLease, { run, chunks = new Map() }: RunChange) => {
    const all = [...chunks].map(([number, items]) => put(chunkItem(run, number, items)));
    for (let start = 0; start < all.length; start += CHUNKS_PER_WRITE) {
      const owned = {
        ConditionCheck: {
          TableName: tableName,
          Key: runKey(runId),
          ConditionExpression: '#fence = :fence',
          ExpressionAttributeNames: { '#fence': NAMES['#fence'] },
          ExpressionAttributeValues: { ':fence': { N: String(fence) } },
        },
      };
      const outcome = await transact([owned, ...all.slice(start, start + CHUNKS_PER_WRITE)]);
      // a conflict may also be a request to stop, which is in progress
      if (outcome === 'conflict' && !(await isOwned({ runId, fence }))) return 'lost';
      if (outcome === 'conflict') start -= CHUNKS_PER_WRITE;
    }
    return 'saved';
  };

  const isOwned = async ({ runId, fence }: RunLease): Promise<boolean> => (await fenceOf(runId)) === fence;

  const active = async (consumer: string): Promise<ActiveRuns> => {
    const item = await read(activeKey(consumer));
    return { ids: item?.['runs']?.SS ?? [], revision: Number(item?.['revision']?.N ?? 0) };
  };

  /** @param since the active runs that the change is based on; undefined for any */
  const changeActive = (consumer: string, change: 'ADD' | 'DELETE', runId: string, since?: ActiveRuns) => ({
    Update: {
      TableName: tableName,
      Key: activeKey(consumer),
      UpdateExpression: change === 'ADD' ? 'ADD #runs :run, #revision :one' : 'ADD #revision :one DELETE #runs :run',
      ...(since === undefined
        ? {}
        : { ConditionExpression: since.revision === 0 ? 'attribute_not_exists(#revision)' : '#revision = :revision' }),
      ExpressionAttributeNames: { '#runs': 'runs', '#revision': 'revision' },
      ExpressionAttributeValues: {
        ':run': { SS: [runId] },
        ':one': { N: '1' },
        ...(since === undefined || since.revision === 0 ? {} : { ':revision': { N: String(since.revision) } }),
      },
    },
  });

  return {
    active,
    find,

    async create(run, items, since) {
      const chunks = chunked(items).map((chunk, number) => put(chunkItem(run, number, chunk)).Put);
      for (let start = 0; start < chunks.length; start += CHUNKS_PER_WRITE) {
        await Promise.all(
          chunks.slice(start, start + CHUNKS_PER_WRITE).map((chunk) => client.send(new PutItemCommand(chunk))),
        );
      }
      const record = {
        Put: {
          TableName: tableName,
          Item: {
            ...runKey(run.id),
            ...marshallItem(
              { ...STORED_FORMAT, fence: 0, expires: toEpochSeconds(addMs(run.at, RUN_EXPIRY_MS)) },
              'the record of a run',
            ),
            [NAMES['#run']]: runValue(run),
          },
          ConditionExpression: 'attribute_not_exists(#id)',
          ExpressionAttributeNames: { '#id': OPERATOR_TABLE.partitionKey.name },
        },
      };
      const outcome = await transact([record, changeActive(run.consumer, 'ADD', run.id, since)]);
      return outcome === 'done' ? 'created' : 'conflict';
    },

    async list(most) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: '#id = :runs',
          ExpressionAttributeNames: { '#id': OPERATOR_TABLE.partitionKey.name },
          ExpressionAttributeValues: { ':runs': { S: RUNS } },
          ConsistentRead: true,
          // names begin with the time
          ScanIndexForward: false,
          Limit: most,
        }),
      );
      return Items.map(readRun);
    },

    async items(id) {
      const chunks: (readonly RedriveItem[])[] = [];
      const pages = paginateQuery(
        { client },
        {
          TableName: tableName,
          KeyConditionExpression: '#id = :id',
          ExpressionAttributeNames: { '#id': OPERATOR_TABLE.partitionKey.name },
          ExpressionAttributeValues: { ':id': { S: chunksId(id) } },
          ConsistentRead: true,
        },
      );
      for await (const { Items = [] } of pages) chunks.push(...Items.map(readChunk));
      return chunks;
    },

    async take(run, driver, now, since) {
      const condition = 'attribute_not_exists(#until) OR #until < :now';
      const taken = (await fenceOf(run.id)) + 1;
      const Update = update(
        run.id,
        'SET #run = :run, #driver = :driver, #until = :until, #fence = :taken REMOVE #stop',
        `(${condition}) AND #fence = :fence`,
        {
          ':run': runValue(run),
          ':driver': { S: driver.name },
          ':until': { N: String(driver.until) },
          ':now': { N: String(now) },
          ':fence': { N: String(taken - 1) },
          ':taken': { N: String(taken) },
        },
      );
      const joins = since === undefined ? [] : [changeActive(run.consumer, 'ADD', run.id, since)];
      if ((await transact([{ Update }, ...joins])) === 'done') return { runId: run.id, fence: taken };
      const stored = await find(run.id);
      return stored?.driver !== undefined && stored.driver.until >= now ? 'driven' : 'conflict';
    },

    async save(lease, change, driver) {
      if ((await saveChunks(lease, change)) === 'lost') return 'lost';
      try {
        const { Attributes } = await client.send(
          new UpdateItemCommand({ ...saved(lease, change.run, driver), ReturnValues: 'ALL_NEW' }),
        );
        return { stopRequest: Attributes && readStop(Attributes) };
      } catch (error) {
        if ((error as { name?: string }).name === 'ConditionalCheckFailedException') return 'lost';
        throw error;
      }
    },

    async end(lease, change) {
      if ((await saveChunks(lease, change)) === 'lost') return 'lost';
      const items = [
        { Update: saved(lease, change.run, undefined) },
        changeActive(change.run.consumer, 'DELETE', lease.runId),
      ];
      while ((await transact(items)) === 'conflict') if (!(await isOwned(lease))) return 'lost';
      return 'ended';
    },

    async release(lease, change) {
      if ((await saveChunks(lease, change)) === 'lost') return 'lost';
      try {
        await client.send(new UpdateItemCommand(saved(lease, change.run, undefined)));
        return 'released';
      } catch (error) {
        if ((error as { name?: string }).name === 'ConditionalCheckFailedException') return 'lost';
        throw error;
      }
    },

    async requestStop(id, request) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: tableName,
            Key: runKey(id),
            UpdateExpression: 'SET #stop = :stop',
            ConditionExpression: '#run.#status = :running',
            ExpressionAttributeNames: { '#stop': NAMES['#stop'], '#run': NAMES['#run'], '#status': 'status' },
            ExpressionAttributeValues: {
              ':stop': { M: marshallItem(request, 'a request to stop a run') },
              ':running': { S: 'running' },
            },
          }),
        );
        return 'requested';
      } catch (error) {
        if ((error as { name?: string }).name === 'ConditionalCheckFailedException') return 'ended';
        throw error;
      }
    },
  };

  async function fenceOf(id: string): Promise<number> {
    return Number((await read(runKey(id)))?.[NAMES['#fence']]?.N ?? 0);
  }
}

const chunked = (items: readonly RedriveItem[]): readonly (readonly RedriveItem[])[] =>
  Array.from({ length: Math.ceil(items.length / CHUNK_SIZE) }, (_, number) =>
    items.slice(number * CHUNK_SIZE, (number + 1) * CHUNK_SIZE),
  );

const runValue = (run: RedriveRun): AttributeValue => ({ M: marshallItem(run, 'the record of a run') });

/** Text is a third of what a list of maps takes. Causes, which many events share, are written once. */
function chunkItem({ id, at }: RedriveRun, number: number, items: readonly RedriveItem[]): Item {
  const kinds: string[] = [];
  const kindOf = (kind: object): number => {
    const text = JSON.stringify(kind);
    const known = kinds.indexOf(text);
    return known === -1 ? kinds.push(text) - 1 : known;
  };
  const events = items.map(({ fingerprint, code, pattern, failure, ...event }) => ({
    ...event,
    kind: kindOf({ fingerprint, code, pattern }),
    ...(failure === undefined ? {} : { failure: kindOf(failure) }),
  }));
  return {
    ...keyItem(chunksId(id), chunkName(number)),
    ...marshallItem(
      {
        ...STORED_FORMAT,
        events: JSON.stringify({ kinds: kinds.map((kind) => JSON.parse(kind)), events }),
        expires: toEpochSeconds(addMs(at, EVENTS_EXPIRY_MS)),
      },
      'the events of a run',
    ),
  };
}

function readChunk(item: Item): readonly RedriveItem[] {
  assertStoredFormat(item, 'the events of a run');
  const { kinds, events } = JSON.parse(item['events']?.S ?? '{}');
  return events.map(({ kind, failure, ...event }: { kind: number; failure?: number }) => ({
    ...event,
    ...kinds[kind],
    ...(failure === undefined ? {} : { failure: kinds[failure] }),
  }));
}

function readRun(item: Item): StoredRun {
  assertStoredFormat(item, 'the record of a run');
  const until = item[NAMES['#until']]?.N;
  return {
    run: unmarshallItem(item[NAMES['#run']]?.M ?? {}) as unknown as RedriveRun,
    driver:
      until === undefined ? undefined : { name: item[NAMES['#driver']]?.S ?? '', until: Number(until) as EpochMs },
    stopRequest: readStop(item),
  };
}

const readStop = (item: Item): StopRequest | undefined => {
  const stored = item[NAMES['#stop']]?.M;
  return stored && (unmarshallItem(stored) as unknown as StopRequest);
};
