import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OUTBOX_TABLE } from '../../../lib/definitions/index.ts';
import type { NewEventRecord } from '../../../lib/outbox/event-record.ts';
import { createDynamoDbGroupScanner } from '../../../lib/projection/index.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';
import { createInMemoryGroupScanner } from '../../../lib/testing/in-memory-group-scanner.ts';
import { startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { describeGroupScanner, type LoggedPlace } from './group-scanner.ts';

async function openDynamoDb(log: readonly LoggedPlace[]) {
  const engine = await startLocalDynamoDb();
  await engine.createTable('outbox', OUTBOX_TABLE);
  const put = (group: string, sequence: number, more: object) =>
    engine.client.send(
      new PutItemCommand({
        TableName: 'outbox',
        Item: { partitionkey: { S: group }, sequence: { N: String(sequence) }, ...more },
      }),
    );
  for (const { group, sequence, type, source = '/orders' } of log) {
    await put(group, 0, { kind: { S: 'HEAD' }, last: { N: '9' } });
    await put(group, sequence, { kind: { S: 'EVENT' }, type: { S: type }, source: { S: source } });
  }
  const scanner = createDynamoDbGroupScanner({ client: engine.client, outboxTableName: 'outbox' });
  return { scanner, close: () => engine.close() };
}

async function openMemory(log: readonly LoggedPlace[]) {
  const events = log.map(
    (place): NewEventRecord => ({
      source: '/orders',
      ...place,
      id: `${place.group}/${place.sequence}`,
      body: '',
      committedAt: 0 as EpochMs,
      expires: 0 as EpochSeconds,
    }),
  );
  return { scanner: createInMemoryGroupScanner({ events }, 1), close: async () => undefined };
}

describeGroupScanner('memory', openMemory);
describeGroupScanner('DynamoDB', openDynamoDb);

describe('the group scanner on DynamoDB', () => {
  it('continues after a page of the service, and does not return heads as events if there are too many types for a filter', async () => {
    const orders = Array.from({ length: 1_200 }, (_, index) => ({
      group: `order#${index}`,
      sequence: 1,
      type: 'placed',
    }));
    const { scanner, close } = await openDynamoDb(orders);
    onTestFinished(close);

    const types = ['placed', ...Array.from({ length: 120 }, (_, index) => `type-${index}`)].map((type) => ({
      source: '/orders',
      type,
    }));
    const first = await scanner.page(types, undefined);
    const found = new Set(first.groups);
    for (let next = first.next; next !== undefined; ) {
      const page = await scanner.page(types, next);
      for (const group of page.groups) found.add(group);
      next = page.next;
    }

    expect(first.next).toBeDefined();
    expect(first.groups.length).toBeLessThan(1_000);
    expect(found.size).toBe(1_200);
  });
});
