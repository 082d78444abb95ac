import { type Detection, lagAndOverlapOf, type SyncDefinition } from '../definitions/index.ts';
import type { UnitOfWork } from '../outbox/index.ts';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';
import type { Version } from './change.ts';
import { compareVersions } from './compare-versions.ts';
import type { Shadow } from './decide.ts';
import { duePrints, endedPrints, keptPrints, type Print } from './prints.ts';
import type { EntityVoices, StoredRecord, SubscriptionKey } from './state.ts';
import type { SyncStore } from './sync-store.ts';

/** An echo may come with the next run but one, or as a webhook that is repeated for a day. */
const SHORTEST_PRINT_MS = 24 * 60 * 60 * 1000;

/** How long an echo is waited for. */
export function printLifetimeMs({ cursor, everyMinutes }: Pick<Detection, 'cursor' | 'everyMinutes'>): number {
  const lagSeconds = cursor.kind === 'timestamp' ? lagAndOverlapOf(cursor).lagSeconds : 0;
  return Math.max(2 * everyMinutes * 60_000 + lagSeconds * 1000, SHORTEST_PRINT_MS);
}

/** What the provider has after a write. */
export interface Written {
  readonly key: SubscriptionKey;
  readonly localId: string;
  readonly externalId: string;
  readonly print: Print;
  /** Hashes of what the provider may have had when the write was decided. */
  readonly bases: readonly string[];
  /** As the provider has returned it. */
  readonly version: Version | undefined;
}

interface Before {
  readonly stored: StoredRecord | undefined;
  readonly entity: EntityVoices | undefined;
}

/** Remembers a write, so that it has no effect when it comes back; in the unit of work that records the write. */
export function collectWritten(
  {
    definition,
    store,
    clock,
  }: { readonly definition: SyncDefinition; readonly store: SyncStore; readonly clock: Clock },
  tx: UnitOfWork,
  written: Written,
  { stored, entity }: Before,
): void {
  const { key, localId, externalId, print } = written;
  const live = stored?.shadow?.isDeleted === false ? stored.shadow : undefined;
  const shadow = live === undefined ? firstShadow(written, clock.now()) : shadowAfter(live, written, clock.now());
  const matchKey = stored?.matchKey ?? definition.match?.(print.values);
  const writes = store.within(tx);
  writes.record(key, stored, {
    ...{ externalId, shadow, row: stored?.row, matchKey, parked: stored?.parked, seen: stored?.seen ?? 0 },
  });
  if (entity?.records[key.provider] !== externalId) {
    writes.entity(definition.entity, localId, entity, {
      records: { ...entity?.records, [key.provider]: externalId },
      speakers: entity?.speakers ?? {},
    });
    if (matchKey !== undefined) writes.match(definition.entity, matchKey, localId);
  }
}

/** A record that we made at the provider is known before it comes back. */
const firstShadow = ({ localId, print, version }: Written, changedAt: EpochMs): Shadow => ({
  ...{ localId, version, hash: print.hash, fields: print.values, changedAt },
  isDeleted: false,
  prints: [],
});

function shadowAfter(live: Shadow, { print, bases, version }: Written, now: EpochMs): Shadow {
  const known = live.version;
  const isNewest = version !== undefined && (known === undefined || compareVersions(version, known) === 'newer');
  if (isNewest) {
    // the provider says which version is ours: no echo is waited for
    const { hash, values: fields } = print;
    const replaced = { ...ended(print, now), hash: '' };
    return {
      ...live,
      version,
      hash,
      fields,
      changedAt: now,
      prints: keptPrints([...endedPrints(live.prints, now), replaced], now),
    };
  }
  // it came back before its answer was stored
  if (live.hash === print.hash && !bases.includes(print.hash)) return { ...live, prints: [] };
  // the provider's record is newer than the write
  if (version !== undefined) return live;
  // with another change between, what comes back is told from that change
  const isOnBase = bases.includes(live.hash);
  return { ...live, prints: keptPrints([...live.prints, isOnBase ? print : ended(print, now)], now) };
}

/** Kept only to tell a provider that does not take what is written. */
const ended = (print: Print, now: EpochMs): Print => ({ ...print, until: addMs(now, -1) });

/** Hashes of what the provider may have now: what it said last, and what was written since. */
export const basesOf = (shadow: Shadow | undefined, now: EpochMs): readonly string[] =>
  shadow === undefined ? [] : [shadow.hash, ...duePrints(shadow, now).map(({ hash }) => hash)];
