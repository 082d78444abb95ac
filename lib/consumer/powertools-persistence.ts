import { AsyncLocalStorage } from 'node:async_hooks';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { type ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { EpochMs } from '../shared/time.ts';
import { claimEnd } from './inbox-record.ts';

type ProcessExistingRecord = DynamoDBPersistenceLayer['processExistingRecord'];

/** Powertools does not export its record class from a public path. */
type IdempotencyRecord = Parameters<ProcessExistingRecord>[0];

/** What one execution knows of the record. */
export interface RecordView {
  /** The end of this execution's claim, if it has one. A later claim always ends later. */
  heldUntil?: EpochMs;
  /** The end of another execution's claim, if that is why this one was refused. */
  busyUntil?: EpochMs;
  /** The record, if this execution's claim was lost or completed when its effect had failed. */
  existing?: ConditionalCheckFailedException['Item'];
}

interface PersistenceOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/**
 * Powertools' DynamoDB layer without its writes: the handler's transaction puts the completed record. In Powertools the
 * record is claimed before, and completed after the handler in a write of its own.
 */
export class CommittingPersistenceLayer extends DynamoDBPersistenceLayer {
  constructor({ client, tableName }: PersistenceOptions) {
    super({ tableName, awsSdkV3Client: client });
  }

  protected override async _putRecord(): Promise<void> {
    // the commit claims the event
  }

  protected override async _updateRecord(): Promise<void> {
    // the commit has completed the record
  }

  protected override async _deleteRecord(): Promise<void> {
    // there is no claim to give up
  }
}

/**
 * Powertools' DynamoDB layer, except that the handler's transaction completes the record: the update that Powertools
 * sends afterwards is skipped, and in place of the delete after an error this execution's own claim is ended. In Powertools
 * both are unconditional, and a crash before the update repeats the effect.
 */
export class ClaimingPersistenceLayer extends DynamoDBPersistenceLayer {
  // the base class's fields are private
  readonly #client: DynamoDBClient;
  readonly #tableName: string;
  /** Per call chain, because two executions in one process may work on the same record. */
  readonly #views = new AsyncLocalStorage<RecordView>();

  constructor({ client, tableName }: PersistenceOptions) {
    super({ tableName, awsSdkV3Client: client });
    this.#client = client;
    this.#tableName = tableName;
  }

  /** Runs `work` on one record and collects what it learns in `view`. */
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
    // the handler's transaction has completed the record
  }

  protected override async _deleteRecord({ idempotencyKey }: IdempotencyRecord): Promise<void> {
    const view = this.#views.getStore();
    const heldUntil = view?.heldUntil;
    if (view === undefined || heldUntil === undefined) return;
    try {
      await this.#client.send(new UpdateItemCommand(claimEnd(this.#tableName, idempotencyKey, heldUntil)));
    } catch (error) {
      // the commit succeeded but its response was lost, or another execution owns the record now
      if ((error as Error).name !== 'ConditionalCheckFailedException') throw error;
      view.existing = (error as ConditionalCheckFailedException).Item;
    }
  }
}
