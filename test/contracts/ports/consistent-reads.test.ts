import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { CONSISTENT_READS, type ConsistentRead, READ_TABLES } from './consistent-reads.ts';

const LIB = join(import.meta.dirname, '../../../lib');

/** On replicas that are behind: none has seen the item. */
async function answers({ table, item, sees }: ConsistentRead, change: (client: DynamoDBClient) => DynamoDBClient) {
  const { client, createTable, close } = await startLocalDynamoDb();
  try {
    for (const [name, schema] of Object.entries(READ_TABLES)) await createTable(name, schema);
    await client.send(new PutItemCommand({ TableName: table, Item: { ...item } }));
    return await sees(change(client));
  } finally {
    await close();
  }
}

interface Command {
  input: { ConsistentRead?: boolean; RequestItems?: Record<string, { ConsistentRead?: boolean }> };
}

/** Plants the fault: sends every request without `ConsistentRead`. */
function eventually(client: DynamoDBClient): DynamoDBClient {
  const send = (command: Command, ...rest: unknown[]) => {
    delete command.input.ConsistentRead;
    for (const items of Object.values(command.input.RequestItems ?? {})) delete items.ConsistentRead;
    return Reflect.apply(client.send, client, [command, ...rest]);
  };
  return Object.create(client, { send: { value: send } });
}

const cases = CONSISTENT_READS.map((read, index) => [read.file, index, read] as const);

describe('a read that must see the newest state', () => {
  it.each(cases)('sees the latest write: %s (%i)', async (_file, _index, read) => {
    expect(await answers(read, (client) => client)).toBe(true);
  });

  it.each(cases)('does not see the latest write without ConsistentRead: %s (%i)', async (_file, _index, read) => {
    expect(await answers(read, eventually)).toBe(false);
  });

  it('is listed here from every place in the library', () => {
    const inLibrary = globSync('**/*.ts', { cwd: LIB }).flatMap((file) => {
      const found = readFileSync(join(LIB, file), 'utf8').match(/\bConsistentRead:/g) ?? [];
      return found.map(() => file);
    });

    expect(CONSISTENT_READS.map(({ file }) => file).toSorted()).toStrictEqual(inLibrary.toSorted());
  });
});
