import { randomUUID } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record as StreamRecord,
} from '@aws-sdk/client-dynamodb-streams';
import {
  CreateScheduleCommand,
  GetScheduleCommand,
  paginateListSchedules,
  type ScheduleSummary,
} from '@aws-sdk/client-scheduler';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { StoredRun } from './stored-run.ts';

/** All that an app has stored at one moment, as AWS keeps it. Resources are named by the path of their construct. */
export interface Snapshot {
  readonly format: number;
  /** In the run's time. */
  readonly takenAt: string;
  readonly tables: Readonly<Record<string, readonly Readonly<Record<string, AttributeValue>>[]>>;
  readonly queues: Readonly<Record<string, readonly StoredMessage[]>>;
  readonly schedules: readonly { readonly name: string; readonly expression: string; readonly input: string }[];
  /** The batch of stream records that the relay has not taken. */
  readonly relayBatch: { readonly Records: readonly unknown[] };
}

interface StoredMessage {
  readonly body: string;
  readonly group: string | undefined;
}

/** @param unrelayed groups whose stream records the relay has not taken */
export async function takeSnapshot(stored: StoredRun, unrelayed: readonly string[]): Promise<Snapshot> {
  const { run } = stored;
  const tables: Record<string, Snapshot['tables'][string]> = {};
  for (const { constructPath, tableName } of run.deployment.tables) {
    tables[constructPath] = await stored.scan(tableName);
  }
  const queues: Record<string, readonly StoredMessage[]> = {};
  for (const { constructPath, arn = '' } of run.deployment.queues) {
    queues[constructPath] = run.sqs.peek(arn).map(({ body, groupId }) => ({ body, group: groupId }));
  }
  const { streamArn = '' } = run.deployment.tables.find((table) => table.constructPath === OUTBOX) ?? {};
  return {
    format: 1,
    takenAt: new Date(run.clock.now()).toISOString(),
    tables,
    queues,
    schedules: await readSchedules(stored),
    relayBatch: { Records: await readStream(stored, streamArn, unrelayed) },
  };
}

const OUTBOX = 'StoredHub/Hub/Outbox/Resource';

async function readSchedules({ clients }: StoredRun): Promise<Snapshot['schedules']> {
  const schedules: ScheduleSummary[] = [];
  for await (const { Schedules = [] } of paginateListSchedules({ client: clients.scheduler }, {})) {
    schedules.push(...Schedules);
  }
  return Promise.all(
    schedules.map(async ({ Name = '', GroupName }) => {
      const { ScheduleExpression = '', Target } = await clients.scheduler.send(
        new GetScheduleCommand({ Name, GroupName }),
      );
      return { name: Name, expression: ScheduleExpression, input: Target?.Input ?? '' };
    }),
  );
}

/** As Lambda gives them to a function. */
async function readStream({ clients }: StoredRun, StreamArn: string, groups: readonly string[]): Promise<unknown[]> {
  const { StreamDescription } = await clients.streams.send(new DescribeStreamCommand({ StreamArn }));
  const records = await Promise.all(
    (StreamDescription?.Shards ?? []).map(async ({ ShardId }) => {
      const { ShardIterator } = await clients.streams.send(
        new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
      );
      const records: StreamRecord[] = [];
      // the shards are open: the end is an empty page
      for (let next = ShardIterator; next !== undefined; ) {
        const page = await clients.streams.send(new GetRecordsCommand({ ShardIterator: next }));
        if (page.Records === undefined || page.Records.length === 0) break;
        records.push(...page.Records);
        next = page.NextShardIterator;
      }
      return records;
    }),
  );
  return records
    .flat()
    .filter(({ dynamodb }) => groups.includes(dynamodb?.Keys?.['partitionkey']?.S ?? ''))
    .map((record) => ({
      ...record,
      dynamodb: {
        ...record.dynamodb,
        ApproximateCreationDateTime: (record.dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0) / 1000,
      },
      eventSourceARN: StreamArn,
    }));
}

/** The same with all events of the log compressed, as format 2 has the large ones. */
export function withCompressedEvents(snapshot: Snapshot): Snapshot {
  const { [OUTBOX]: log = [], ...tables } = snapshot.tables;
  return {
    ...snapshot,
    tables: { ...tables, [OUTBOX]: log.map((item) => compressed(item, (bytes) => bytes)) },
    relayBatch: JSON.parse(JSON.stringify(snapshot.relayBatch), (name, value) =>
      // Lambda passes bytes in base64
      name === 'NewImage' ? compressed(value, (bytes) => Buffer.from(bytes).toString('base64')) : value,
    ),
  };
}

function compressed<Bytes>(
  item: Readonly<Record<string, AttributeValue>>,
  bytesOf: (bytes: Uint8Array) => Bytes,
): Record<string, AttributeValue> {
  const { event, ...others } = item;
  if (event?.S === undefined) return item;
  const bytes = bytesOf(deflateRawSync(event.S));
  return { ...others, format: { N: '2' }, event: { B: bytes as Uint8Array } };
}

/** Puts all of it into an app at its start, whose relay is at rest. */
export async function restoreSnapshot(stored: StoredRun, snapshot: Snapshot): Promise<void> {
  const { clients } = stored;
  for (const [path, items] of Object.entries(snapshot.tables)) {
    const TableName = stored.tableAt(path);
    for (const Item of items) await clients.dynamoDb.send(new PutItemCommand({ TableName, Item }));
  }
  await restoreSchedules(stored, snapshot.schedules);
  for (const [path, messages] of Object.entries(snapshot.queues)) {
    const { url: QueueUrl } = stored.queueAt(path);
    for (const { body: MessageBody, group: MessageGroupId } of messages) {
      const message = { QueueUrl, MessageBody, MessageGroupId, MessageDeduplicationId: randomUUID() };
      await clients.sqs.send(new SendMessageCommand(message));
    }
  }
}

/** In the group, for the queue and with the role of the deployment that runs. */
async function restoreSchedules(stored: StoredRun, schedules: Snapshot['schedules']): Promise<void> {
  const { clients, run, output, queueAt } = stored;
  const role = run.deployment.roles.find(({ constructPath }) => constructPath === SCHEDULER_ROLE);
  for (const { name, expression, input } of schedules) {
    await clients.scheduler.send(
      new CreateScheduleCommand({
        Name: name,
        GroupName: output('ScheduleGroupName'),
        ScheduleExpression: expression,
        ScheduleExpressionTimezone: 'UTC',
        FlexibleTimeWindow: { Mode: 'OFF' },
        ActionAfterCompletion: 'DELETE',
        Target: {
          Arn: queueAt(TIMERS).arn,
          RoleArn: role?.arn,
          Input: input,
          DeadLetterConfig: { Arn: queueAt(TIMERS_DEAD_LETTERS).arn },
        },
      }),
    );
  }
}

const TIMERS = 'Stored/Manager/Timers/Queue/Resource';
const TIMERS_DEAD_LETTERS = 'Stored/Manager/Timers/DeadLetterQueue/Resource';
const SCHEDULER_ROLE = 'Stored/Manager/Timers/SchedulerRole/Resource';
