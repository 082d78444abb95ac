import { createHash } from 'node:crypto';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import {
  type CloudEvent,
  defineEvent,
  defineSubscription,
  type EventDefinition,
  type Subscription,
} from '../definitions/index.ts';

/**
 * What a run reads. `increment`: what changed since the last run. `backfill`: all records, beside increments.
 * `reconcile`: as `backfill`, and at its end the records that are missing are deleted.
 */
export type SyncMode = 'increment' | 'backfill' | 'reconcile';

/** Runs of one scope follow each other; the scopes of a subscription run beside each other. */
export type SyncScope = 'increment' | 'full';

export type SyncTrigger = 'schedule' | 'webhook' | 'manual' | 'engine';

export interface SyncRequest {
  readonly provider: string;
  readonly mode: SyncMode;
  readonly trigger: SyncTrigger;
  /** Who asked for it, for `manual`. */
  readonly actor?: string;
}

export interface SyncContinuation {
  readonly provider: string;
  readonly scope: SyncScope;
  readonly runId: string;
  /** Number of the slice that continues, from 2. */
  readonly slice: number;
  /** Who approved the deletes that the run waits for. */
  readonly approvedBy?: string;
}

/** A change of one record that was carried here. */
export interface CarriedChange {
  readonly provider: string;
  /** `manual`: a parked record that somebody tries again. */
  readonly trigger: 'webhook' | 'stream' | 'manual';
  readonly change: {
    readonly kind: 'upsert' | 'delete';
    readonly externalId: string;
    readonly version?: string | number;
    /** The row, of an upsert. Without it, the source is asked. */
    readonly raw?: unknown;
    /** Whether `raw` has all of the row's fields. @default true */
    readonly complete?: boolean;
  };
}

/** An event of a sync. */
export type SyncEvent<Data> = EventDefinition<string, StandardSchemaV1<Data, Data>>;
/** A sync, of which its events need the name. */
export type NamedSync = { readonly name: string };

export const scopeOf = (mode: SyncMode): SyncScope => (mode === 'increment' ? 'increment' : 'full');

/** All runs of a scope are one strict group, which lets one run at a time. */
const scopeGroup = (sync: string, provider: string, scope: SyncScope): string =>
  `sync#${sync}#${provider}${scope === 'full' ? '#full' : ''}`;

const hashedGroup = (parts: readonly string[]): string =>
  `sync#${createHash('sha256').update(JSON.stringify(parts)).digest('base64url')}`;

/** Each record is a group of its own: one that waits holds no other. */
const recordGroup = (sync: string, { provider, change }: CarriedChange): string =>
  hashedGroup([sync, provider, change.externalId]);

/**
 * Asks for a run of a subscription.
 * @example tx.publish(syncRequested(productSync), { provider: 'supplier-a', mode: 'increment', trigger: 'manual', actor });
 */
export const syncRequested = ({ name }: NamedSync): SyncEvent<SyncRequest> =>
  defineEvent({
    type: `waybill.sync.${name}.requested`,
    source: `/syncs/${name}`,
    version: 1,
    schema: schemaOf<SyncRequest>({
      provider: isText,
      mode: isOneOf('increment', 'backfill', 'reconcile'),
      trigger: isOneOf('schedule', 'webhook', 'manual', 'engine'),
      actor: isTextOrAbsent,
    }),
    group: ({ provider, mode }) => scopeGroup(name, provider, scopeOf(mode)),
    subject: ({ provider }) => provider,
  });

/** A run goes on after a slice, or after its deletes were approved. */
export const syncContinued = ({ name }: NamedSync): SyncEvent<SyncContinuation> =>
  defineEvent({
    type: `waybill.sync.${name}.continued`,
    source: `/syncs/${name}`,
    version: 1,
    schema: schemaOf<SyncContinuation>({
      provider: isText,
      scope: isOneOf('increment', 'full'),
      runId: isText,
      slice: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
      approvedBy: isTextOrAbsent,
    }),
    group: ({ provider, scope }) => scopeGroup(name, provider, scope),
    subject: ({ runId }) => runId,
  });

/**
 * A change that a webhook or a change stream carries.
 * @example
 * on(rowSchema, [ProductChanged], (row) =>
 *   publish(ProductChanged, { provider: 'supplier-a', trigger: 'webhook', change: { kind: 'upsert', externalId: row.SKU, raw: row } }));
 */
export const syncChanged = ({ name }: NamedSync): SyncEvent<CarriedChange> =>
  defineEvent({
    type: `waybill.sync.${name}.changed`,
    source: `/syncs/${name}`,
    version: 1,
    schema: schemaOf<CarriedChange>({
      provider: isText,
      trigger: isOneOf('webhook', 'stream', 'manual'),
      change: isChange,
    }),
    group: (data) => recordGroup(name, data),
    subject: ({ provider }) => provider,
  });

/** An entity that differs from its record at a provider to which changes of ours are written. */
export interface SyncDivergence {
  readonly provider: string;
  readonly localId: string;
}

/** A provider has changed what is not its to change, or later than we did: ours is to be written to it. */
export const syncDiverged = ({ name }: NamedSync): SyncEvent<SyncDivergence> =>
  defineEvent({
    type: `waybill.sync.${name}.diverged`,
    source: `/syncs/${name}`,
    version: 1,
    schema: schemaOf<SyncDivergence>({ provider: isText, localId: isText }),
    group: ({ provider, localId }) => hashedGroup([name, provider, 'diverged', localId]),
    subject: ({ provider }) => provider,
  });

/** The subscription of a sync's consumer: requests, continuations and carried changes. */
export const syncSubscription = (sync: NamedSync): Subscription =>
  defineSubscription({
    name: `sync-${sync.name}`,
    events: [syncRequested(sync), syncContinued(sync), syncChanged(sync)],
  });

/** The `hops` of a run's next event: a run ends with its pages, whatever their number. */
export const sameHops = ({ hops }: Pick<CloudEvent, 'hops'>): number => hops;

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string' && value !== '';
const isTextOrAbsent: Check = (value) => value === undefined || isText(value);
const isOneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.some((each) => each === value);

const isChange: Check = (value) => {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, externalId, version } = value as Partial<CarriedChange['change']>;
  return (
    isOneOf('upsert', 'delete')(kind) &&
    isText(externalId) &&
    (version === undefined || typeof version === 'string' || typeof version === 'number')
  );
};

const schemaOf = <Data>(members: Readonly<Record<keyof Data, Check>>): StandardSchemaV1<Data, Data> => ({
  '~standard': {
    version: 1,
    vendor: 'waybill',
    validate(value) {
      const given: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
      const issues = Object.entries<Check>(members)
        .filter(([member, holds]) => !holds(given[member]))
        .map(([member]) => ({ message: 'is not valid in an event of a sync', path: [member] }));
      return issues.length > 0 ? { issues } : { value: given as Data };
    },
  },
});
