import type { UnitOfWork } from '../outbox/index.ts';
import type { Change, ChangeOrigin, Json, Version } from './change.ts';
import type { AppliedKind } from './decide.ts';

/**
 * Where an incremental read continues: after the row with this literal and id. `page` is what the source returned with
 * its last page, for sources that cannot begin inside rows of the same time.
 */
export interface Position {
  /** The provider's literal, as it was sent; undefined for opaque cursors. */
  readonly value?: string;
  readonly id?: string;
  /** @default - the first page after (value, id) */
  readonly page?: PageToken;
}

/** A source's own token of a page. Never an offset: rows move while they are read. */
export type PageToken = string | { readonly [member: string]: Json };

export interface ReadRequest {
  /** Undefined: from the beginning. */
  readonly after: Position | undefined;
  /** RFC 3339. Rows of a later time are left for the next run; undefined for opaque cursors and full reads. */
  readonly until: string | undefined;
  readonly signal: AbortSignal;
}

export interface ChangePage {
  /** In the order of the cursor's field for a timestamp cursor, else in the order of changes. */
  readonly changes: readonly Change[];
  /** Where to go on after this page. Required for opaque cursors, and for full reads of more than a page. */
  readonly cursor?: PageToken;
  /** Whether nothing follows. A source MUST say so: pages that end otherwise are an error. */
  readonly last: boolean;
}

/** Reads one entity of one provider. Throws what `createJsonClient` throws: `Retry-After` defers the run. */
export interface ChangeSource {
  /** Names the source in messages: `supplier-a products`. */
  readonly label: string;
  /**
   * The provider's own time, such as the `Date` header of its last answer. Without it, ours is used, and the lag must be
   * longer than the clocks differ.
   */
  now?(signal: AbortSignal): Promise<Date>;
  /**
   * MUST return what changed after `after`, and MUST NOT use offsets: rows move while they are read. MUST throw if a page
   * cannot be read.
   */
  pages(request: ReadRequest): AsyncIterable<ChangePage>;
  /** All records. Required by `deletes: { kind: 'reconcile' }`. @default - backfills read `pages` from the beginning */
  enumerate?(request: ReadRequest): AsyncIterable<ChangePage>;
  /** One record as it is now; undefined if it does not exist. Required by `deletes: { kind: 'reconcile' }`. */
  get?(externalId: string, signal: AbortSignal): Promise<Change | undefined>;
}

/** A change of an entity, for its sink. */
export interface AppliedChange<Entity> {
  readonly kind: AppliedKind;
  readonly localId: string;
  /** After the change; the last one for `deleted`. */
  readonly entity: Entity;
  /** Undefined for `created`. */
  readonly before: Entity | undefined;
  /** Names of the fields that changed. */
  readonly changed: readonly string[];
  readonly provider: string;
  readonly externalId: string;
  readonly version: Version | undefined;
  readonly origin: ChangeOrigin;
}

/** Where the entities are: the service's own table. */
export interface SyncSink<Entity> {
  /** The entity as it is. MUST see every completed write. */
  find(localId: string): Promise<Entity | undefined>;
  /** The local id of an entity that existed before the sync. MUST see every completed write. @default - none existed */
  match?(key: string): Promise<string | undefined>;
  /**
   * When the service itself has changed the entity last, to be compared with versions of providers. Decides a conflict of
   * a field that nobody owns. @default - the provider's change counts
   */
  changedAt?(localId: string): Promise<Version | undefined>;
  /** The local id of a new entity. MUST be the same for the same entity. @default - a hash of its match or record */
  newId?(entity: Entity): string;
  /**
   * Collects the writes and events of a change. They are committed with what the sync remembers, or not at all. MUST
   * write on condition that the entity is as `before` says, if others write it too.
   */
  collect(tx: UnitOfWork, change: AppliedChange<Entity>): void | Promise<void>;
}

/** A change of ours for a provider. */
export interface WriteRequest<Entity> {
  readonly localId: string;
  /** As the service has it. */
  readonly entity: Entity;
  /** Names of the fields that differ from what the provider has, without those that the provider owns. Of a field without a value, the value is to be removed. */
  readonly changed: readonly Extract<keyof Entity, string>[];
  /** The same for every attempt at the same request. MUST be sent to the provider, so that it takes effect once. */
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

/** A record that exists at the provider. */
export interface WrittenTo {
  readonly externalId: string;
  /** As it is known here. A provider that can compare it SHOULD get it, so that a newer change is not overwritten. */
  readonly version: Version | undefined;
}

/**
 * `written`: with the version that the record now has, if the provider returns it: its echo is then told exactly.
 * `conflict`: the record has another version, exists, or no longer exists; nothing was written.
 */
export type WriteAnswer = { readonly kind: 'written'; readonly version?: Version } | { readonly kind: 'conflict' };

export type CreateAnswer =
  | { readonly kind: 'written'; readonly externalId: string; readonly version?: Version }
  | { readonly kind: 'conflict'; readonly externalId: string };

/** Writes one entity to one provider. Throws what `createJsonClient` throws: `Retry-After` defers the event. */
export interface ProviderWriter<Entity> {
  /** Names the writer in messages: `supplier-a products`. */
  readonly label: string;
  update(request: WriteRequest<Entity> & WrittenTo): Promise<WriteAnswer>;
  /** Requires `match` in the definition. @default - entities that the provider does not have are not written to it */
  create?(request: WriteRequest<Entity>): Promise<CreateAnswer>;
  /** @default - entities that are deleted here stay at the provider */
  remove?(request: Omit<WriteRequest<Entity>, 'entity' | 'changed'> & WrittenTo): Promise<WriteAnswer>;
}
