import { ownMember } from '../../lib/definitions/index.ts';
import type { Item } from '../../lib/testing/dynamodb/item.ts';
import { indexesOf } from '../../lib/testing/dynamodb/schema.ts';
import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonService } from '../endpoint/service.ts';
import type { RunLog } from '../log.ts';
import { createDatabase } from './database.ts';
import type { DynamoDbFaults } from './faults.ts';
import { createItemReads } from './item-reads.ts';
import { createItemWrites } from './item-writes.ts';
import type { Operations } from './operation.ts';
import { createStreamOperations, findStream } from './stream-operations.ts';
import { withTableNames } from './table-arns.ts';
import { createTableOperations } from './table-operations.ts';
import { createTableSettings } from './table-settings.ts';
import { createTransactGet } from './transact-get.ts';
import { createTransactWrite } from './transact-write.ts';

export interface DynamoDbOptions {
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
  readonly log: RunLog;
  /** @default none */
  readonly faults?: DynamoDbFaults | undefined;
}

/** One item before and after a commit; undefined where there is none. */
export interface CommittedChange {
  readonly tableName: string;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

export interface DynamoDb {
  /** `DynamoDB_20120810`. Answers share their items with the store: who calls in process MUST NOT change them. */
  readonly service: JsonService;
  /** `DynamoDBStreams_20120810` */
  readonly streams: JsonService;
  /**
   * Calls `listener` after records were appended to the stream, within the write that caused them: it MUST be quick and
   * MUST NOT throw. The in-process stand-in for polling.
   * @returns what takes the listener away again.
   * @throws AwsError `ResourceNotFoundException`
   */
  onStreamRecords(streamArn: string, listener: () => void): () => void;
  /**
   * Tells of the changes of each write or transaction, in the order of the commits; the returned function ends that. The
   * listener MUST be quick and MUST NOT throw.
   */
  onCommit(listener: (changes: readonly CommittedChange[]) => void): () => void;
  /** Name of the partition key of a table or of one of its indexes; undefined when there is none such. */
  partitionKeyOf(tableName: string, indexName?: string): string | undefined;
  close(): Promise<void>;
}

/** DynamoDB and DynamoDB Streams in memory, on dynalite's parsers and rules. */
export function createDynamoDb(options: DynamoDbOptions): DynamoDb {
  const { log } = options;
  const database = createDatabase(options);

  const service = toService('DynamoDB_20120810', log, {
    ...createTableOperations(database),
    ...createTableSettings(database),
    ...createItemReads(database),
    ...createItemWrites(database),
    TransactWriteItems: createTransactWrite(database),
    TransactGetItems: createTransactGet(database),
  });

  return {
    service: {
      ...service,
      handle: (name, input, caller) => service.handle(name, withTableNames(input, database.tableArn), caller),
    },
    streams: toService('DynamoDBStreams_20120810', log, createStreamOperations(database)),
    onStreamRecords: (streamArn, listener) => findStream(database, streamArn).subscribe(listener),
    onCommit: (listener) =>
      database.onCommit((changes) =>
        listener(
          changes.map(({ table, before, after }) => ({ tableName: table.description.TableName, before, after })),
        ),
      ),
    partitionKeyOf(tableName, indexName) {
      const description = database.tables.get(tableName)?.description;
      if (description === undefined) return undefined;
      const indexed = indexesOf(description).find(({ IndexName }) => IndexName === indexName);
      const { KeySchema } = indexName === undefined ? description : { KeySchema: indexed?.KeySchema };
      return KeySchema?.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName;
    },
    close: async () => database.close(),
  };
}

function toService(targetPrefix: string, log: RunLog, operations: Operations): JsonService {
  return {
    targetPrefix,
    jsonVersion: '1.0',
    async handle(name, input, caller) {
      const operation = ownMember(operations, name);
      if (operation !== undefined) return operation(input, caller);
      log('warn', 'dynamodb', `refused ${targetPrefix}.${name}: the local engine does not have it`);
      throw new AwsError(
        'UnknownOperationException',
        `the local DynamoDB engine has no ${name}; it has ${Object.keys(operations).join(', ')}`,
      );
    },
  };
}
