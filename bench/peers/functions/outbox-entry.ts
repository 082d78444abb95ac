import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { SOURCE, TYPE } from './happened.ts';

/** What the producer put into the outbox, as an entry for the bus. */
export function entryOf({ dynamodb }: DynamoDBRecord, busName: string): PutEventsRequestEntry {
  // the types of stream records and of the SDK differ in name only
  const image = unmarshall((dynamodb?.NewImage ?? {}) as Record<string, AttributeValue>);
  return { EventBusName: busName, Source: SOURCE, DetailType: TYPE, Detail: String(image['event']) };
}
