import { HEAD_SEQUENCE } from '../../../lib/contracts/index.ts';
import type { StoredEvent } from '../../../lib/outbox/index.ts';
import { TABLES } from '../consumer-in.ts';
import type { Foundation } from '../foundation.ts';
import type { Item } from './dynamodb-requests.ts';

const keyOf = (group: string, sequence: number): Item => ({
  partitionkey: { S: group },
  sequence: { N: String(sequence) },
});

/**
 * The time of these events, the first of their group, is over, as what stands behind them says; DynamoDB deletes them at
 * once, or late.
 */
export function expireBefore({ dynamodb, dealer, sim }: Foundation, gone: readonly StoredEvent[]): void {
  const last = gone.at(-1);
  if (last === undefined) return;
  const { group, sequence } = last;
  const next = keyOf(group, sequence + 1);
  const isOver = (Key: Item, attribute: string) =>
    dynamodb.write({
      operation: 'UpdateItem',
      input: {
        TableName: TABLES.outbox,
        Key,
        UpdateExpression: 'SET #over = :over',
        ExpressionAttributeNames: { '#over': attribute },
        ExpressionAttributeValues: { ':over': { N: '0' } },
      },
    });
  if (dynamodb.get(TABLES.outbox, next) === undefined) isOver(keyOf(group, HEAD_SEQUENCE), 'lastExpires');
  else isOver(next, 'previousExpires');
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
