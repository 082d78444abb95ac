import { createHash } from 'node:crypto';
import type { Detection } from '../definitions/index.ts';
import { askSink } from './calls.ts';
import { differingFields } from './canonical-json.ts';
import type { Fields } from './change.ts';
import type { Incoming, ParkReason, Surroundings } from './decide.ts';
import type { ArrivedChange, ChangeDeps } from './plan.ts';
import type { EntityVoices, StoredRecord, SubscriptionKey } from './state.ts';
import type { SyncStore } from './sync-store.ts';

/** The entity that a record belongs to. */
export interface Found {
  readonly localId: string;
  readonly matchKey: string | undefined;
  readonly entity: EntityVoices | undefined;
  readonly around: Surroundings;
}

/** Finds the entity of a record, and what its other providers say. Or a reason why it cannot be it. */
export async function lookAround(
  { definition, store, sink }: ChangeDeps,
  { key, change, stored }: ArrivedChange,
  incoming: Incoming,
  { outbound }: Detection,
): Promise<Found | ParkReason> {
  const shadow = stored?.shadow;
  const live = shadow?.isDeleted === false ? shadow : undefined;
  const isUpsert = incoming.kind === 'upsert';
  const matchKey = isUpsert ? definition.match?.(incoming.fields) : stored?.matchKey;
  const matched = isUpsert && matchKey !== undefined ? await store.readMatch(definition.entity, matchKey) : undefined;
  if (live !== undefined && matched !== undefined && matched !== live.localId) return MATCH_TAKEN;
  const localId =
    live?.localId ??
    matched ??
    (isUpsert && matchKey !== undefined ? await askSink(async () => sink.match?.(matchKey)) : undefined) ??
    (shadow?.localId || undefined) ??
    (isUpsert ? sink.newId?.(incoming.fields) : undefined) ??
    hashedId(matchKey === undefined ? [key.sync, key.provider, change.externalId] : [matchKey]);
  const entity = await store.readEntity(definition.entity, localId);
  const own = entity?.records[key.provider];
  const fields: Record<string, Fields> = await fieldsOf(store, key, entity, { [change.externalId]: stored });
  // two records of one provider cannot both be the entity
  if (own !== undefined && own !== change.externalId && fields[key.provider] !== undefined) return MATCH_TAKEN;
  if (live !== undefined) fields[key.provider] = live.fields;
  const local = await askSink(() => sink.find(localId));
  const voices = { fields, speakers: entity?.speakers ?? {} };
  if (!outbound) return { localId, matchKey, entity, around: { local, voices } };
  const outgoing = await store.readOutgoing(key, localId);
  const isChangedHere =
    local !== undefined &&
    live !== undefined &&
    differingFields(live.fields, local, { ignore: definition.ignore, sets: definition.sets }).length > 0;
  const localVersion = isChangedHere ? await askSink(async () => sink.changedAt?.(localId)) : undefined;
  return { localId, matchKey, entity, around: { local, voices, localVersion, outgoing } };
}

/** The last fields of each provider that has the entity. @param known records that were read, by their ids at `key` */
export async function fieldsOf(
  store: Pick<SyncStore, 'readRecord'>,
  key: SubscriptionKey,
  entity: EntityVoices | undefined,
  known: Readonly<Record<string, StoredRecord | undefined>>,
): Promise<Record<string, Fields>> {
  const fields: Record<string, Fields> = {};
  for (const [provider, externalId] of Object.entries(entity?.records ?? {})) {
    const isKnown = provider === key.provider && Object.hasOwn(known, externalId);
    const record = isKnown ? known[externalId] : await store.readRecord({ sync: key.sync, provider }, externalId);
    if (record?.shadow?.isDeleted === false) fields[provider] = record.shadow.fields;
  }
  return fields;
}

const MATCH_TAKEN: ParkReason = {
  code: 'SYNC_MATCH_TAKEN',
  message: 'another record of the same provider, or another entity, has the same match key: correct one of them',
};

const hashedId = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
