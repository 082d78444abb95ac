import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { HandlerContext, SubscriptionHandlers } from '../consumer/index.ts';
import type { CloudEvent, SyncDefinition } from '../definitions/index.ts';
import type { Outbox, UnitOfWork } from '../outbox/index.ts';
import type { Sleep } from '../shared/backoff.ts';
import { addMs, type Clock } from '../shared/time.ts';
import type { TenantTable } from '../tenancy/index.ts';
import { changedFields, hashOf } from './canonical-json.ts';
import { createCarriedChanges } from './carried-changes.ts';
import type { Fields, Version } from './change.ts';
import { createSyncCommands, type SyncCommands } from './commands.ts';
import { SyncCommandError, SyncWiringError } from './errors.ts';
import {
  type CarriedChange,
  type SyncContinuation,
  type SyncRequest,
  syncChanged,
  syncContinued,
  syncRequested,
  syncSubscription,
} from './events.ts';
import { createOutboundHandlers } from './outbound.ts';
import type { SyncOutbound } from './outbound-definition.ts';
import type { ChangeSource, ProviderWriter, SyncSink } from './ports.ts';
import { believed, type Print } from './prints.ts';
import { type RatedSourceDeps, ratedSource } from './rated-source.ts';
import { createRunner } from './runner.ts';
import { createScheduleStore } from './schedule-store.ts';
import type { SyncItem } from './sync-item.ts';
import { createSyncStore, type SyncStore } from './sync-store.ts';
import { createSyncTelemetry } from './telemetry.ts';
import { basesOf, collectWritten, printLifetimeMs } from './written.ts';

/** Of a sync's definition. */
export type EntityOf<Definition extends SyncDefinition> = StandardSchemaV1.InferInput<Definition['schema']>;
export type ProviderOf<Definition extends SyncDefinition> = Extract<keyof Definition['providers'], string>;

export interface SyncOptions<Definition extends SyncDefinition> {
  /** One for each provider. A missing or misspelt one does not compile. */
  readonly sources: Readonly<Record<ProviderOf<Definition>, ChangeSource>>;
  readonly sink: SyncSink<EntityOf<Definition>>;
  readonly outbox: Outbox;
  /** A table of `SYNC_TABLE` whose items `parseSyncItem` reads. */
  readonly table: TenantTable<SyncItem>;
  readonly clock: Clock;
  /** Different for every call, such as `randomUUID`. */
  readonly newToken: () => string;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly metrics: Pick<Metrics, 'addMetric'>;
  /** How long a slice of a run takes pages. @default DEFAULT_SLICE_MS */
  readonly sliceMs?: number;
  /** Waits for a turn of a provider's rate. @default - a timer */
  readonly sleep?: Sleep;
}

/** A minute: the function's timeout of 90 s leaves room for the last page. */
export const DEFAULT_SLICE_MS = 60_000;

/** A change of ours that was written to a provider. */
export interface WrittenChange<Provider extends string = string> {
  readonly provider: Provider;
  readonly externalId: string;
  readonly localId: string;
  /** The fields as the provider's mapping will give them when it returns the record. */
  readonly fields: Fields;
  /** The record's version after the write, if the provider has returned it. */
  readonly version?: Version;
}

export interface Sync<Definition extends SyncDefinition = SyncDefinition> extends SyncCommands<ProviderOf<Definition>> {
  readonly definition: Definition;
  /** For `createConsumer`. */
  readonly handlers: SubscriptionHandlers;
  /** Reads what the sync remembers of the current tenant. */
  readonly store: SyncStore;
  /**
   * Remembers a change that is written to a provider, so that it has no effect when it comes back. Call it in the unit of
   * work that records the write.
   */
  wrote(tx: UnitOfWork, change: WrittenChange<ProviderOf<Definition>>): Promise<void>;
  /**
   * The handlers of a consumer that writes changes of ours to a provider. What is written is the entity as it is when the
   * event is handled, without the fields that the provider owns; nothing is written that the provider has.
   * @throws SyncWiringError `SYNC_WIRING` listing all problems
   */
  outbound(outbound: SyncOutbound, writer: ProviderWriter<EntityOf<Definition>>): SubscriptionHandlers;
}

/**
 * Joins a sync's definition, its sources and its sink.
 *
 * @example
 * const sync = createSync(productSync, { sources: { 'supplier-a': supplierA }, sink: products, ...runtime });
 * export const handler = createConsumer(sync.handlers, runtime);
 *
 * @throws SyncWiringError `SYNC_WIRING` listing all problems
 */
export function createSync<Definition extends SyncDefinition>(
  definition: Definition,
  options: SyncOptions<Definition>,
): Sync<Definition> {
  const { outbox, clock, newToken, sliceMs = DEFAULT_SLICE_MS } = options;
  const given: Readonly<Record<string, ChangeSource>> = options.sources;
  const problems = wiringProblems(definition, given);
  if (problems.length > 0) throw new SyncWiringError(definition.name, problems);
  const sources = ratedSources(definition, given, options);
  const store = createSyncStore(options);
  // what is stored and merged are fields of the entity by its schema
  const sink = options.sink as unknown as SyncSink<Fields>;
  const telemetry = createSyncTelemetry(options);
  const schedules = createScheduleStore(options);
  const deps = { definition, store, schedules, sink, clock, sources, outbox, telemetry, newToken, sliceMs };
  const runner = createRunner(deps);
  const carried = createCarriedChanges(deps);

  const handlers: Readonly<Record<string, (event: never, context: HandlerContext) => Promise<void>>> = {
    [syncRequested(definition).type]: (event: CloudEvent<SyncRequest>, context: HandlerContext) =>
      runner.requested(event, context),
    [syncContinued(definition).type]: (event: CloudEvent<SyncContinuation>, context: HandlerContext) =>
      runner.continued(event, context),
    [syncChanged(definition).type]: (event: CloudEvent<CarriedChange>, context: HandlerContext) =>
      carried.take(event, context),
  };

  const keyOf = (provider: string) => ({ sync: definition.name, provider });

  return {
    definition,
    store,
    // each handler is only called with events of its own type
    handlers: { subscription: syncSubscription(definition), handlers: handlers as SubscriptionHandlers['handlers'] },

    async wrote(tx, { provider, externalId, localId, fields, version }) {
      const detection = definition.providers[provider];
      if (detection === undefined)
        throw new SyncCommandError(`sync '${definition.name}' has no provider '${provider}'`);
      const key = keyOf(provider);
      const comparison = { ignore: definition.ignore, sets: definition.sets };
      const [stored, entity] = await Promise.all([
        store.readRecord(key, externalId),
        store.readEntity(definition.entity, localId),
      ]);
      const now = clock.now();
      const shadow = stored?.shadow;
      const base = shadow === undefined ? { hash: '', fields: {} } : believed(shadow, now);
      const print: Print = {
        ...{ hash: hashOf(fields, comparison), values: fields, over: base.hash },
        ...{ fields: changedFields(base.fields, fields, comparison), at: now },
        until: addMs(now, printLifetimeMs(detection)),
      };
      const bases = basesOf(shadow, now);
      collectWritten(deps, tx, { key, localId, externalId, print, bases, version }, { stored, entity });
    },

    ...createSyncCommands({ name: definition.name, store, schedules, outbox, clock, newToken }),

    outbound: (outbound, writer) => createOutboundHandlers(deps, outbound, writer as unknown as ProviderWriter<Fields>),
  };
}

/** Those of providers with a rate keep to it. */
const ratedSources = (
  { name, providers }: SyncDefinition,
  sources: Readonly<Record<string, ChangeSource>>,
  options: Omit<RatedSourceDeps, 'sync'>,
): Readonly<Record<string, ChangeSource>> =>
  Object.fromEntries(
    Object.entries(sources).map(([provider, source]) => {
      const ratePerSecond = providers[provider]?.ratePerSecond;
      const { table, outbox, clock, sleep } = options;
      const deps = { sync: name, table, outbox, clock, sleep };
      return [provider, ratePerSecond === undefined ? source : ratedSource(source, { provider, ratePerSecond }, deps)];
    }),
  );

function wiringProblems(
  { providers }: SyncDefinition,
  sources: Readonly<Record<string, ChangeSource | undefined>>,
): readonly string[] {
  const unknown = Object.keys(sources).filter((name) => !Object.hasOwn(providers, name));
  return [
    ...unknown.map((name) => `sources has '${name}', which is none of '${Object.keys(providers).join("', '")}'`),
    ...Object.entries(providers).flatMap(([name, { deletes }]) => {
      const source = sources[name];
      if (source === undefined) return [`sources has no '${name}'`];
      const missing = (['enumerate', 'get'] as const).filter((method) => source[method] === undefined);
      return deletes.kind === 'reconcile' && missing.length > 0
        ? [`the source of '${name}' needs '${missing.join("' and '")}', because its deletes are found by reconciling`]
        : [];
    }),
  ];
}
