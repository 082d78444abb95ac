import { randomUUID } from 'node:crypto';
import { DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { type Happened, happenedSchema, SOURCE, TYPE } from '../../peers/functions/happened.ts';
import { type Connection, clientsOf } from '../connection.ts';
import { accountOf, type GroupsOfEvents, publishInGroups } from './groups-of-events.ts';

export interface PublishPlainly extends Connection, GroupsOfEvents {
  readonly outboxTableName: string;
  readonly stateTableName: string;
}

const RETENTION_SECONDS = 18 * 86_400;

/**
 * Writes state and event in one transaction, as a service without Waybill does: the aggregate's version orders its events.
 * @returns milliseconds that it took
 */
export async function publishPlainly(input: PublishPlainly): Promise<number> {
  const { outboxTableName, stateTableName, eventBytes } = input;
  const { dynamoDb } = clientsOf(input);
  const documents = DynamoDBDocumentClient.from(dynamoDb);
  const emptyBytes = Buffer.byteLength(JSON.stringify(eventOf(accountOf('', 0), 1, '')));
  const filler = 'x'.repeat(Math.max(eventBytes - emptyBytes, 0));
  const elapsedMs = await publishInGroups(input, (accountId, version) => {
    const event = eventOf(accountId, version, filler);
    const entry = {
      group: event.partitionkey,
      sequence: version,
      event: JSON.stringify(event),
      expiration: Math.ceil(Date.now() / 1000) + RETENTION_SECONDS,
    };
    const TransactItems = [
      { Put: { TableName: stateTableName, Item: { id: accountId, version } } },
      { Put: { TableName: outboxTableName, Item: entry } },
    ];
    return documents.send(new TransactWriteCommand({ TransactItems }));
  });
  dynamoDb.destroy();
  return elapsedMs;
}

const eventOf = (accountId: string, sequence: number, filler: string): Happened =>
  happenedSchema.parse({
    id: randomUUID(),
    source: SOURCE,
    type: TYPE,
    time: new Date().toISOString(),
    partitionkey: `account#${accountId}`,
    sequence,
    data: { accountId, filler },
  });
