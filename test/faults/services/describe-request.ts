import { readCursor } from '../../../lib/consumer/dynamodb-cursor-store.ts';
import { TABLES } from '../consumer-in.ts';
import { LEDGER_TABLE } from '../handlers.ts';
import { type DynamoDbRequest, type Item, writesOf } from './dynamodb-requests.ts';

/** A request in plain words, as the end of a sentence that begins with who sends it. */
export function describeRequest(request: DynamoDbRequest): string {
  const { operation, input } = request;
  const writes = writesOf(request);
  const effect = writes.find(({ Put }) => Put?.TableName === LEDGER_TABLE)?.Put?.Item?.['id']?.S;
  const cursor = writes.find(({ Put }) => Put?.TableName === TABLES.cursors)?.Put?.Item;
  const published = writes.filter(({ Put }) => Put?.TableName === TABLES.outbox).length;
  if (effect === undefined && published > 0) return `commits ${published} events`;
  if (effect !== undefined)
    return `commits ${/^\d+$/.test(effect) ? `e${effect}` : 'an event'}${cursor === undefined ? '' : ` with the ${tellCursor(cursor)}`}`;
  if (operation === 'TransactWriteItems') return `commits the skip${cursor && ` with the ${tellCursor(cursor)}`}`;
  if (cursor !== undefined) return `stores the ${tellCursor(cursor)}`;
  const table = input.TableName ?? Object.keys(input.RequestItems ?? {})[0];
  if (operation === 'BatchGetItem') return table === TABLES.cursors ? 'reads the cursor' : 'reads events of markers';
  if (operation === 'PutItem') return 'claims an event in the inbox';
  if (operation === 'Scan') return 'reads the markers';
  if (operation === 'BatchWriteItem') return 'deletes markers';
  if (operation === 'UpdateItem') return table === TABLES.pending ? 'quarantines a marker' : 'gives its claim back';
  if (table === TABLES.inbox) return 'asks the inbox for a record';
  if (operation !== 'Query') return 'reads an event from the log';
  const { ':from': from, ':upTo': upTo } = input.ExpressionAttributeValues ?? {};
  return Number(upTo?.N) > 1_000 ? `reads the log from e${from?.N}` : `reads the log from e${from?.N} to e${upTo?.N}`;
}

const tellCursor = (item: Item): string => {
  const { processed, seen, blockedBy } = readCursor(item);
  const waits = blockedBy === undefined ? '' : `, waiting for e${blockedBy.sequence} (${blockedBy.reason.code})`;
  return `cursor: processed ${processed}, seen ${seen}${waits}`;
};
