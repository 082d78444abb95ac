import {
  type DynamoDBClient,
  GetItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { INBOX_TABLE, RECONCILE_KEY_PREFIX } from '../definitions/index.ts';
import { type Item, ifUnchanged } from '../outbox/index.ts';
import { assertStoredFormat, STORED_FORMAT_VALUE } from '../shared/stored-format.ts';
import { addMs, type Clock, toEpochSeconds } from '../shared/time.ts';
import { isConflict } from './commit-record.ts';
import type { ReconcilePass, ReconcileStore, StoredFinding } from './reconcile-run.ts';
import type { TakenTypes, TakenTypesStore } from './taken-types.ts';

export interface DynamoDbReconcileStoreOptions {
  readonly client: DynamoDBClient;
  /** The inbox table. No consumer has the key prefix of these items. */
  readonly tableName: string;
  readonly clock: Clock;
}

const keyOf = (name: 'pass' | 'findings' | 'types'): Item => ({
  [INBOX_TABLE.partitionKey.name]: { S: `${RECONCILE_KEY_PREFIX}${name}` },
});

/** How long findings are kept after the last change, in days: longer than a pass. */
const FINDINGS_DAYS = 30;

/** Stores the pass, its findings and the types that consumers take in three items, each as JSON. */
export function createDynamoDbReconcileStore(options: DynamoDbReconcileStoreOptions): ReconcileStore & TakenTypesStore {
  const { client, tableName: TableName, clock } = options;

  const read = async (name: 'pass' | 'findings' | 'types'): Promise<unknown> => {
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf(name), ConsistentRead: true }));
    if (Item === undefined) return undefined;
    assertStoredFormat(Item, `the ${name} of the reconciliation`);
    return JSON.parse(Item['content']?.S ?? 'null');
  };

  const put = (
    name: 'pass' | 'findings' | 'types',
    content: unknown,
    more: Item = {},
  ): { TableName: string; Item: Item } => ({
    TableName,
    Item: { ...keyOf(name), ...STORED_FORMAT_VALUE, content: { S: JSON.stringify(content) }, ...more },
  });

  const write = async (writes: TransactWriteItem[]): Promise<'saved' | 'conflict'> => {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: writes }));
      return 'saved';
    } catch (error) {
      if (isConflict(error)) return 'conflict';
      throw error;
    }
  };

  return {
    pass: async () => (await read('pass')) as ReconcilePass | undefined,
    findings: async () => ((await read('findings')) ?? []) as readonly StoredFinding[],

    async save(current, pass, findings) {
      const revision = current + 1;
      const position = put('pass', { ...pass, revision }, { revision: { N: String(revision) } });
      const writes: TransactWriteItem[] = [
        { Put: { ...position, ...ifUnchanged('revision', current === 0 ? undefined : { N: String(current) }) } },
      ];
      if (findings !== undefined) {
        const expires = toEpochSeconds(addMs(clock.now(), FINDINGS_DAYS * 86_400_000));
        const more = { [INBOX_TABLE.timeToLiveAttribute]: { N: String(expires) } };
        writes.push({ Put: put('findings', findings, more) });
      }
      return write(writes);
    },

    takenTypes: async () => (await read('types')) as TakenTypes | undefined,
    saveTakenTypes: async (types) => void (await write([{ Put: put('types', types) }])),
  };
}
