import type { EpochMs } from '../shared/time.ts';
import { type Comparison, changedFields } from './canonical-json.ts';
import type { ChangeOrigin, Fields, Version } from './change.ts';
import { compareVersions } from './compare-versions.ts';
import { heard, merge, type Voices } from './merge.ts';

/** What a change of ours, written to the provider, will look like when it comes back. */
export interface Print {
  readonly hash: string;
  /** Names of the fields that were written. */
  readonly fields: readonly string[];
  readonly until: EpochMs;
}

/** What is known of a provider's record. */
export interface Shadow {
  readonly localId: string;
  readonly version: Version | undefined;
  /** Of the fields. */
  readonly hash: string;
  /** The provider's last fields. */
  readonly fields: Fields;
  readonly changedAt: EpochMs;
  readonly isDeleted: boolean;
  readonly prints: readonly Print[];
}

/** A change in the entity's own fields. */
export type Incoming = {
  readonly version: Version | undefined;
  readonly origin: ChangeOrigin;
  /** When it was asked for, for a poll and a get. */
  readonly readAt: EpochMs;
} & ({ readonly kind: 'upsert'; readonly hash: string; readonly fields: Fields } | { readonly kind: 'delete' });

/** Why a record is not taken now. */
export interface ParkReason {
  readonly code: string;
  /** Without values of the record. */
  readonly message: string;
}

/** The entity, and what its other providers say. */
export interface Surroundings {
  /** Undefined if there is no entity. */
  readonly local: Fields | undefined;
  /** Of all providers, this one included. */
  readonly voices: Voices;
}

export interface Rules {
  readonly provider: string;
  readonly ownership: Readonly<Record<string, readonly string[]>>;
  readonly comparison: Comparison;
  /** Whether the source can be asked for one record. */
  readonly canAsk: boolean;
}

export interface Situation {
  /** Undefined if the record was never seen. */
  readonly shadow: Shadow | undefined;
  /** A reason if the change cannot be read. */
  readonly change: Incoming | ParkReason;
  /** Undefined until it is read. */
  readonly around: Surroundings | undefined;
  readonly rules: Rules;
  readonly now: EpochMs;
}

export type AppliedKind = 'created' | 'updated' | 'deleted';

export type Decision =
  /** It is known. Write nothing. */
  | { readonly kind: 'no-op' }
  /** The entity stays as it is. Store the record's new version and fields. */
  | { readonly kind: 'note'; readonly voices: Voices | undefined; readonly nearMiss: boolean }
  /** Our own change comes back. Store the record's new version and fields, without its print. */
  | { readonly kind: 'echo'; readonly print: Print }
  /** It is older than what is known. Write nothing. */
  | { readonly kind: 'stale' }
  /** It cannot be told from itself whether it is newer: ask the source. */
  | { readonly kind: 'ask' }
  /** The entity and its other providers are needed: decide again with them. */
  | { readonly kind: 'look' }
  | {
      readonly kind: 'apply';
      readonly change: AppliedKind;
      /** The entity after the change; before it, for a deleted one. */
      readonly entity: Fields;
      readonly before: Fields | undefined;
      /** Names of the changed fields; empty for a deleted entity. */
      readonly changed: readonly string[];
      readonly voices: Voices;
      /** A print exists that this change nearly matches: an echo may have been missed. */
      readonly nearMiss: boolean;
    }
  | { readonly kind: 'park'; readonly reason: ParkReason };

/** Decides what a change does. A pure function, checked by property tests. */
export function decide({ shadow, change, around, rules, now }: Situation): Decision {
  if ('code' in change) return { kind: 'park', reason: change };
  const age = ageOf(shadow, change, rules);
  if (age === 'older') return { kind: 'stale' };
  if (isKnown(shadow, change)) return age === 'newer' ? note(undefined) : { kind: 'no-op' };
  const print = change.kind === 'upsert' ? shadow?.prints.find(({ hash }) => hash === change.hash) : undefined;
  if (print !== undefined && print.until >= now && shadow?.isDeleted === false) return { kind: 'echo', print };
  if (age === 'unknown') return { kind: 'ask' };
  // a record that was never seen has nothing to delete; its version keeps an older change from creating it
  if (shadow === undefined && change.kind === 'delete') return note(undefined);
  if (around === undefined) return { kind: 'look' };
  return settle(change, around, rules, isNearMiss(shadow, change, rules, now));
}

const note = (voices: Voices | undefined, nearMiss = false): Decision => ({ kind: 'note', voices, nearMiss });

/** Whether the change is newer than what is known; `unknown` if only the source can tell. */
function ageOf(
  shadow: Shadow | undefined,
  { origin, version, readAt }: Incoming,
  { canAsk }: Rules,
): 'older' | 'same' | 'newer' | 'unknown' {
  if (shadow === undefined) return 'newer';
  const isVersioned = version !== undefined && shadow.version !== undefined;
  const order = isVersioned ? compareVersions(version, shadow.version) : 'tie';
  if (order === 'older' || order === 'newer') return order;
  // the source has just been asked, so its answer is the newest there is
  if (origin === 'get') return 'same';
  if (origin === 'poll' && ((!isVersioned && shadow.changedAt < readAt) || !canAsk)) return 'same';
  return 'unknown';
}

const isKnown = (shadow: Shadow | undefined, change: Incoming): boolean =>
  shadow !== undefined &&
  (change.kind === 'delete' ? shadow.isDeleted : !shadow.isDeleted && shadow.hash === change.hash);

function isNearMiss(shadow: Shadow | undefined, change: Incoming, { comparison }: Rules, now: EpochMs): boolean {
  if (shadow === undefined || change.kind === 'delete') return false;
  const changed = changedFields(shadow.fields, change.fields, comparison);
  return shadow.prints.some(
    ({ hash, fields, until }) =>
      hash === change.hash || (until >= now && changed.every((field) => fields.includes(field))),
  );
}

function settle(change: Incoming, { local, voices }: Surroundings, rules: Rules, nearMiss: boolean): Decision {
  const { provider, comparison } = rules;
  const fields = change.kind === 'upsert' ? change.fields : undefined;
  const after = heard(voices, { provider, fields }, comparison);
  if (Object.keys(after.fields).length === 0) {
    return local === undefined
      ? note(after, nearMiss)
      : { kind: 'apply', change: 'deleted', entity: local, before: local, changed: [], voices: after, nearMiss };
  }
  const entity = merge(local, voices, after, rules);
  if (local === undefined) {
    // without the entity, what remains of other providers makes none
    if (change.kind === 'delete') return note(after, nearMiss);
    const changed = changedFields({}, entity, comparison);
    return { kind: 'apply', change: 'created', entity, before: undefined, changed, voices: after, nearMiss };
  }
  const changed = changedFields(local, entity, comparison);
  if (changed.length === 0) return note(after, nearMiss);
  return { kind: 'apply', change: 'updated', entity, before: local, changed, voices: after, nearMiss };
}
