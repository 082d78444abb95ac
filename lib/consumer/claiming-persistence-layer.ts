import { AsyncLocalStorage } from 'node:async_hooks';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { DeleteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EpochMs } from '../shared/time.ts';
import { OURS_IN_PROGRESS, oursInProgress, recordKeyOf } from './inbox-record.ts';

type ProcessExistingRecord = DynamoDBPersistenceLayer['processExistingRecord'];

/** Powertools exports the class of its records from no public path. */
type IdempotencyRecord = Parameters<ProcessExistingRecord>[0];

/** What one execution knows of the record that it works on. */
export interface RecordView {
  /** Until when the record is this execution's, if it is: a successor's claim always ends later. */
  heldUntil?: EpochMs;
  /** Until when it is another execution's, if that is why this one was turned away. */
  busyUntil?: EpochMs;
}

export interface ClaimingPersistenceOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/**
 * Powertools' DynamoDB layer, with the completion of a record left to the transaction of its effect: the update that
 * Powertools sends after the effect is skipped, and the delete after an error deletes only what is still in progress
 * and ours. (As Powertools has them both are unconditional, and a crash before the update repeats the effect.)
 */
export class ClaimingPersistenceLayer extends DynamoDBPersistenceLayer {
  // the layer's own are private
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  /** Told by the chain of calls, since two executions in one process may work on one record. */
  readonly #views = new AsyncLocalStorage<RecordView>();

  constructor({ client, tableName }: ClaimingPersistenceOptions) {
    super({ tableName, awsSdkV3Client: client });
    this.#client = client;
    this.#tableName = tableName;
  }

  /** Runs `work` on one record; what is learnt of it is kept in `view`. */
  watch<Result>(view: RecordView, work: () => Promise<Result>): Promise<Result> {
    return this.#views.run(view, work);
  }

  override processExistingRecord(...args: Parameters<ProcessExistingRecord>): ReturnType<ProcessExistingRecord> {
    const view = this.#views.getStore();
    if (view !== undefined) view.busyUntil = args[0].inProgressExpiryTimestamp as EpochMs;
    return super.processExistingRecord(...args);
  }

  protected override async _putRecord(record: IdempotencyRecord): Promise<void> {
    await super._putRecord(record);
    const view = this.#views.getStore();
    if (view !== undefined) view.heldUntil = record.inProgressExpiryTimestamp as EpochMs;
  }

  protected override async _updateRecord(): Promise<void> {
    // the effect's own transaction has completed the record
  }

  protected override async _deleteRecord({ idempotencyKey }: IdempotencyRecord): Promise<void> {
    const heldUntil = this.#views.getStore()?.heldUntil;
    if (heldUntil === undefined) return;
    try {
      await this.#client.send(
        new DeleteItemCommand({
          TableName: this.#tableName,
          Key: recordKeyOf(idempotencyKey),
          ConditionExpression: OURS_IN_PROGRESS,
          ...oursInProgress(heldUntil),
        }),
      );
    } catch (error) {
      // completed after all (the answer to the commit was lost), or another execution's by now: not ours to delete
      if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
    }
  }
}
