import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { entryOf } from '../outbox-entry.ts';

const client = new EventBridgeClient({});
const busName = process.env['BUS_NAME'] ?? '';

/**
 * Behaves as the relay of AWS's outbox sample: one PutEvents call with the whole batch, whose answer nobody reads. A call that
 * fails is repeated with its batch; an entry that fails within a call is dropped.
 * @see https://serverlessland.com/patterns/dynamodb-streams-to-eventbridge-outbox-pattern
 */
export const handler = async ({ Records }: DynamoDBStreamEvent): Promise<void> => {
  await client.send(new PutEventsCommand({ Entries: Records.map((record) => entryOf(record, busName)) }));
};
