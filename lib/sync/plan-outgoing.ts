import { type Detection, LOCAL_OWNER } from '../definitions/index.ts';
import { addMs, type EpochMs } from '../shared/time.ts';
import { askSink } from './calls.ts';
import { changedFields, hashOf } from './canonical-json.ts';
import type { Fields } from './change.ts';
import { SyncMatchTakenError } from './errors.ts';
import { fieldsOf } from './look-around.ts';
import { ownerOf } from './merge.ts';
import type { ChangeDeps } from './plan.ts';
import type { ProviderWriter } from './ports.ts';
import { believed, type Print } from './prints.ts';
import type { Outgoing, SubscriptionKey } from './state.ts';
import { basesOf, printLifetimeMs } from './written.ts';

export interface OutgoingPlan {
  readonly outgoing: Omit<Outgoing, 'revision'>;
  /** Claimed with it, so that a record that comes back before its answer finds its entity. */
  readonly matchKey: string | undefined;
}

/**
 * What is to be written to a provider, so that it has the entity as it is here.
 * @param keyFor makes the idempotency key for the revision of the record on which it was decided
 * @returns undefined if nothing differs, or the writer cannot write it
 */
export async function planOutgoing(
  { definition, store, sink, clock }: ChangeDeps,
  {
    key,
    detection,
    writer,
    localId,
    keyFor,
  }: {
    readonly key: SubscriptionKey;
    readonly detection: Detection;
    readonly writer: ProviderWriter<Fields>;
    readonly localId: string;
    readonly keyFor: (revision: number) => string;
  },
): Promise<OutgoingPlan | undefined> {
  const comparison = { ignore: definition.ignore, sets: definition.sets };
  const entity = await store.readEntity(definition.entity, localId);
  const externalId = entity?.records[key.provider];
  const stored = externalId === undefined ? undefined : await store.readRecord(key, externalId);
  const live = stored?.shadow?.isDeleted === false ? stored.shadow : undefined;
  const local = await askSink(() => sink.find(localId));
  const now = clock.now();
  const idempotencyKey = keyFor(stored?.revision ?? 0);

  if (local === undefined) {
    if (live === undefined || externalId === undefined || writer.remove === undefined) return undefined;
    const print = printOf(live.fields, [], believed(live, now).hash);
    return { outgoing: outgoingOf('delete', print), matchKey: undefined };
  }
  const mapped = mappedFields(local, detection);
  if (live === undefined || externalId === undefined) {
    if (writer.create === undefined) return undefined;
    const matchKey = definition.match?.(mapped);
    const holder = matchKey === undefined ? undefined : await store.readMatch(definition.entity, matchKey);
    if (holder !== undefined && holder !== localId) throw new SyncMatchTakenError(definition.entity, localId);
    return { outgoing: outgoingOf('create', printOf(mapped, changedFields({}, mapped, comparison), '')), matchKey };
  }
  const base = believed(live, now);
  const fields = await fieldsOf(store, key, entity, { [externalId]: stored });
  const values: Record<string, Fields[string]> = {};
  for (const name of new Set([...Object.keys(base.fields), ...Object.keys(mapped)])) {
    const owner = ownerOf(name, definition.ownership, { local, fields });
    const isTheirs = owner === key.provider && owner !== LOCAL_OWNER;
    const value = isTheirs ? base.fields[name] : mapped[name];
    if (value !== undefined) values[name] = value;
  }
  const changed = changedFields(base.fields, values, comparison);
  if (changed.length === 0) return undefined;
  return { outgoing: outgoingOf('update', printOf(values, changed, base.hash)), matchKey: undefined };

  function printOf(written: Fields, names: readonly string[], over: string): Print {
    const until = addMs(now, printLifetimeMs(detection));
    return { hash: hashOf(written, comparison), values: written, fields: names, over, at: now, until };
  }

  function outgoingOf(kind: Outgoing['kind'], print: Print): Omit<Outgoing, 'revision'> {
    return {
      ...{ kind, idempotencyKey, externalId: kind === 'create' ? undefined : externalId, version: live?.version },
      ...{ entity: local ?? {}, print, bases: basesOf(live, now), at: now as EpochMs },
    };
  }
}

/** The fields that the provider has a place for. */
const mappedFields = (local: Fields, { mapping }: Detection): Fields =>
  Object.fromEntries(
    Object.entries(local).filter(([name]) => {
      const mapped = Object.hasOwn(mapping, name) ? mapping[name] : undefined;
      return mapped !== undefined && (typeof mapped !== 'object' || mapped.kind !== 'not-provided');
    }),
  );
