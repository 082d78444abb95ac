import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OUTBOX_TABLE } from '../../../lib/definitions/index.ts';
import { type EventRecord, recordItem } from '../../../lib/outbox/event-record.ts';
import { createDynamoDbOutboxLog } from '../../../lib/outbox/sweeper/dynamodb-outbox-log.ts';
import type { EpochSeconds } from '../../../lib/shared/time.ts';
import { startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { describeOutboxLog, eventOf } from './outbox-log.ts';

const TableName = 'outbox';

const put = (client: DynamoDBClient, event: EventRecord) =>
  client.send(
    new PutItemCommand({
      TableName,
      Item: {
        partitionkey: { S: event.group },
        sequence: { N: String(event.sequence) },
        kind: { S: 'EVENT' },
        id: { S: event.id },
        source: { S: event.source },
        type: { S: event.type },
        event: { S: event.body },
        committedAt: { N: String(event.committedAt) },
      },
    }),
  );

async function open(events: readonly EventRecord[]) {
  const engine = await startLocalDynamoDb();
  await engine.createTable(TableName, OUTBOX_TABLE);
  for (const event of events) await put(engine.client, event);
  const { client } = engine;
  return { client, log: createDynamoDbOutboxLog({ client, tableName: TableName }), close: () => engine.close() };
}

describeOutboxLog('DynamoDB', open);

describe('the outbox log in DynamoDB', () => {
  it('aborts a request with its signal', async () => {
    const { log, close } = await open([]);
    onTestFinished(close);

    const entries = log.read([{ group: 'order#1', sequence: 1 }], AbortSignal.abort());

    await expect(entries).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('leaves unread an event of a newer format: the code that reads it may come', async () => {
    const { log, client, close } = await open([eventOf('order#1', 1)]);
    onTestFinished(close);
    const Item = { partitionkey: { S: 'order#1' }, sequence: { N: '2' }, format: { N: '3' }, kind: { S: 'EVENT' } };
    await client.send(new PutItemCommand({ TableName, Item }));

    const entries = await log.read(
      [1, 2].map((sequence) => ({ group: 'order#1', sequence })),
      new AbortController().signal,
    );

    expect(entries.map(({ status }) => status)).toStrictEqual(['found', 'unread']);
  });

  it('reads the very string of an event that is stored compressed', async () => {
    const { log, client, close } = await open([]);
    onTestFinished(close);
    const event = { ...eventOf('order#1', 1), body: JSON.stringify({ text: 'Größe '.repeat(1_000) }) };
    const Item = recordItem({ ...event, expires: 4_000_000_000 as EpochSeconds }, { compress: true });
    await client.send(new PutItemCommand({ TableName, Item: { ...Item } }));

    expect(Item['event']).toHaveProperty('B');
    expect(await log.read([event], new AbortController().signal)).toStrictEqual([
      { status: 'found', item: { kind: 'event', event } },
    ]);
  });

  it('reports entries beyond a response of 16 MB as unread, not as deleted', async () => {
    const events = Array.from({ length: 60 }, (_, index) => ({
      ...eventOf(`big#${index}`, 1),
      body: 'x'.repeat(390_000),
    }));
    const { log, close } = await open(events);
    onTestFinished(close);

    const entries = await log.read(events, new AbortController().signal);

    const statuses = entries.map(({ status }) => status);
    expect(statuses).not.toContain('gone');
    expect(statuses.filter((status) => status === 'found').length).toBeGreaterThan(0);
    expect(statuses.filter((status) => status === 'unread').length).toBeGreaterThan(0);
  });
});
