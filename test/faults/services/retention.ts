import { HEAD_SEQUENCE } from '../../../lib/definitions/index.ts';
import type { NewEventRecord } from '../../../lib/outbox/event-record.ts';
import { TABLES } from '../consumer-in.ts';
import type { Foundation } from '../foundation.ts';
import type { DynamoDbRequest, Item } from './dynamodb-requests.ts';

const keyOf = (group: string, sequence: number): Item => ({
  partitionkey: { S: group },
  sequence: { N: String(sequence) },
});

/**
 * The time of these events, the first of their group, is over, as what stands behind them says; DynamoDB deletes them at
 * once, or late.
 */
export function expireBefore({ dynamodb, dealer, sim }: Foundation, gone: readonly NewEventRecord[]): void {
  const last = gone.at(-1);
  if (last === undefined) return;
  const { group, sequence } = last;
  const next = keyOf(group, sequence + 1);
  if (dynamodb.get(TABLES.outbox, next) === undefined) {
    dynamodb.write(overAt(keyOf(group, HEAD_SEQUENCE), 'lastExpires'));
  } else dynamodb.write(overAt(next, 'previousExpires'));
  const deletion = () => {
    for (const event of gone) {
      dynamodb.write({
        operation: 'DeleteItem',
        input: { TableName: TABLES.outbox, Key: keyOf(group, event.sequence) },
      });
    }
  };
  const late = dealer.deal((kind) => kind === 'expires late');
  if (late === undefined) deletion();
  else sim.after(late.ms, deletion);
}

/** An event that is committed once the time of its predecessor was over says so, whoever gives its sequence. */
export function expireFor({ dynamodb, committed }: Foundation, { group, sequence }: NewEventRecord): void {
  const before = committed.ofGroup(group).find((event) => event.sequence === sequence - 1);
  if (before !== undefined && !committed.isLogged(before)) {
    dynamodb.write(overAt(keyOf(group, sequence), 'previousExpires'));
  }
}

const overAt = (Key: Item, attribute: string): DynamoDbRequest => ({
  operation: 'UpdateItem',
  input: {
    TableName: TABLES.outbox,
    Key,
    UpdateExpression: 'SET #over = :over',
    ExpressionAttributeNames: { '#over': attribute },
    ExpressionAttributeValues: { ':over': { N: '0' } },
  },
});
