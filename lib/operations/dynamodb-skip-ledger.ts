import {
  type CancellationReason,
  type DynamoDBClient,
  GetItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import type { SkipLedger } from './ports.ts';
import { readSkip, skipKey, skipPut } from './skip-record-item.ts';

export interface DynamoDbSkipLedgerOptions {
  readonly client: DynamoDBClient;
  /** The inbox table. */
  readonly tableName: string;
  readonly consumer: string;
}

export function createDynamoDbSkipLedger({ client, tableName, consumer }: DynamoDbSkipLedgerOptions): SkipLedger {
  return {
    async commit({ write }, record) {
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems: [write, skipPut(tableName, record)] }));
        return 'committed';
      } catch (error) {
        if (isConflict(error)) return 'conflict';
        throw error;
      }
    },

    async find(place, generation) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: tableName, Key: skipKey(consumer, place, generation), ConsistentRead: true }),
      );
      return Item && readSkip(Item);
    },
  };
}

/** Reasons after which a look at the cursor decides. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const CONFLICTS = new Set(['ConditionalCheckFailed', 'TransactionConflict']);

function isConflict(error: unknown): boolean {
  const { name, CancellationReasons = [] } = error as { name?: string; CancellationReasons?: CancellationReason[] };
  return name === 'TransactionCanceledException' && CancellationReasons.some(({ Code = '' }) => CONFLICTS.has(Code));
}
