import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { inParallel, millisecondsOf } from '../../measure.ts';
import { type Connection, clientsOf } from '../connection.ts';

export interface WriteTransactions extends Connection {
  /** Has the keys `pk` (S) and `sk` (N). */
  readonly tableName: string;
  readonly transactions: number;
  readonly concurrency: number;
  /** Keeps the keys of repetitions apart. */
  readonly run: number;
}

/** Bytes of the one larger item: a small event. */
const EVENT_BYTES = 600;

/** Transactions of three puts, as an outbox makes them: state, event, marker. @returns transactions per second */
export async function writeTransactions(input: WriteTransactions): Promise<number> {
  const { tableName: TableName, transactions, concurrency, run } = input;
  const { dynamoDb } = clientsOf(input);
  const body = 'x'.repeat(EVENT_BYTES);
  const write = async (index: number) => {
    const put = (kind: string, text: string) => ({
      Put: {
        TableName,
        Item: { pk: { S: `${kind}#${run}#${index}` }, sk: { N: '1' }, text: { S: text } },
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    });
    await dynamoDb.send(
      new TransactWriteItemsCommand({ TransactItems: [put('state', 'small'), put('event', body), put('marker', 'm')] }),
    );
  };
  const elapsedMs = await millisecondsOf(() => inParallel(transactions, concurrency, write));
  dynamoDb.destroy();
  return (1000 * transactions) / elapsedMs;
}
