import type { EpochMs } from '../shared/time.ts';
import { type Comparison, changedFields } from './canonical-json.ts';
import type { ChangeOrigin, Fields, Version } from './change.ts';
import { compareVersions } from './compare-versions.ts';
import { type Conflict, heard, merge, type Voices } from './merge.ts';
import { duePrints, type Print } from './prints.ts';

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
  /** When the service itself has changed the entity last. */
  readonly localVersion?: Version | undefined;
  /** What is being written to the provider: it may come back before its answer is stored. */
  readonly outgoing?: { readonly print: Print; readonly bases: readonly string[] } | undefined;
}

export interface Rules {
  readonly provider: string;
  readonly ownership: Readonly<Record<string, readonly string[]>>;
  readonly comparison: Comparison;
  /** Whether the source can be asked for one record. */
  readonly canAsk: boolean;
  /** Whether changes of ours are written to the provider. */
  readonly isOutbound: boolean;
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

/** What a decision says beside what it does. */
export interface Signs {
  /** A print exists that this change nearly matches: an echo may have been missed. */
  readonly nearMiss: boolean;
  /** Fields that the service and the provider have both changed. */
  readonly conflicts: readonly Conflict[];
  /** The entity differs from what the provider now says: ours is to be written to it. */
  readonly isDiverged: boolean;
}

export type Decision =
  /** It is known. Write nothing. */
  | { readonly kind: 'no-op' }
  /** The entity stays as it is. Store the record's new version and fields. */
  | { readonly kind: 'note'; readonly voices: Voices | undefined; readonly signs: Signs }
  /** Our own change comes back. Store the record's new version and fields, without its print and those before it. */
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
      readonly signs: Signs;
    }
  | { readonly kind: 'park'; readonly reason: ParkReason };

export const NO_SIGNS: Signs = { nearMiss: false, conflicts: [], isDiverged: false };

/** Decides what a change does. A pure function, checked by property tests. */
export function decide(situation: Situation): Decision {
  const { shadow, change, around, rules, now } = situation;
  if ('code' in change) return { kind: 'park', reason: change };
  const age = ageOf(shadow, change, rules);
  if (age === 'older') return { kind: 'stale' };
  const written = change.kind === 'upsert' ? decideByPrints(situation, change, age) : undefined;
  if (written !== undefined && written !== 'changed') return written;
  if (written === undefined && isKnown(shadow, change)) {
    return age === 'newer' ? note(undefined) : { kind: 'no-op' };
  }
  if (age === 'unknown') return { kind: 'ask' };
  // a record that was never seen has nothing to delete; its version keeps an older change from creating it
  if (shadow === undefined && change.kind === 'delete') return note(undefined);
  if (around === undefined) return { kind: 'look' };
  const { outgoing } = around;
  if (change.kind === 'upsert' && outgoing?.print.hash === change.hash) {
    // once the provider has changed it, the same values are a change of its own
    if (shadow !== undefined && outgoing.bases.includes(shadow.hash)) return { kind: 'echo', print: outgoing.print };
    // a record that we are making there belongs to its entity, even if that is no longer here
    if (shadow === undefined) {
      return note(heard(around.voices, { provider: rules.provider, fields: change.fields }, rules.comparison));
    }
  }
  // what the provider has changed is told from what was last written to it
  const last = written === 'changed' ? duePrints(shadow, now).at(-1) : undefined;
  return settle(situation, change, last === undefined ? around : after(around, rules.provider, last.values));
}

const note = (voices: Voices | undefined, signs: Signs = NO_SIGNS): Decision => ({ kind: 'note', voices, signs });

const after = (around: Surroundings, provider: string, values: Fields): Surroundings => ({
  ...around,
  voices: { ...around.voices, fields: { ...around.voices.fields, [provider]: values } },
});

/**
 * What a change comes to while changes of ours may still come back. `changed` if it certainly is a change of what was
 * written; undefined if nothing was, or it cannot be told.
 */
function decideByPrints(
  { shadow, rules, now }: Situation,
  change: Extract<Incoming, { kind: 'upsert' }>,
  age: Exclude<Age, 'older'>,
): Decision | 'changed' | undefined {
  const due = duePrints(shadow, now);
  const last = due.at(-1);
  if (last === undefined) return undefined;
  // polls and answers are of a moment; whatever is read after a write has it
  const isReadAfter = change.origin !== 'webhook' && change.origin !== 'stream' && change.readAt >= last.at;
  const isUnversioned = change.version === undefined || shadow?.version === undefined;
  const isNews = age === 'newer' || (isUnversioned && isReadAfter);
  if (isKnown(shadow, change) && !isNews) return { kind: 'no-op' };
  if (change.hash === last.hash) return { kind: 'echo', print: last };
  if (change.origin === 'get' && isReadAfter) return 'changed';
  // before the last write, or after it
  if (rules.canAsk) return { kind: 'ask' };
  const earlier = due.findLast(({ hash }) => hash === change.hash);
  return earlier === undefined ? undefined : { kind: 'echo', print: earlier };
}

type Age = 'older' | 'same' | 'newer' | 'unknown';

/** Whether the change is newer than what is known; `unknown` if only the source can tell. */
function ageOf(shadow: Shadow | undefined, { origin, version, readAt }: Incoming, { canAsk }: Rules): Age {
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

/**
 * An echo that comes too late, or in other values than were written.
 * @param base what the provider's record was before
 */
function isNearMiss({ shadow, now }: Situation, base: Fields, fields: Fields, hash: string, comparison: Comparison) {
  if (shadow === undefined) return false;
  const changed = changedFields(base, fields, comparison);
  return shadow.prints.some(
    (print) => print.hash === hash || (print.until >= now && changed.every((field) => print.fields.includes(field))),
  );
}

function settle(situation: Situation, change: Incoming, { local, voices, localVersion }: Surroundings): Decision {
  const { shadow, rules } = situation;
  const { provider, comparison, ownership, isOutbound } = rules;
  const fields = change.kind === 'upsert' ? change.fields : undefined;
  const heardVoices = heard(voices, { provider, fields }, comparison);
  if (Object.keys(heardVoices.fields).length === 0) {
    return local === undefined
      ? note(heardVoices)
      : {
          ...{ kind: 'apply', change: 'deleted', entity: local, before: local, changed: [], voices: heardVoices },
          signs: NO_SIGNS,
        };
  }
  const isLocalNewer =
    isOutbound &&
    localVersion !== undefined &&
    change.version !== undefined &&
    compareVersions(localVersion, change.version) === 'newer';
  const { entity, conflicts } = merge(local, voices, heardVoices, { ownership, comparison, isLocalNewer });
  const base = voices.fields[provider] ?? {};
  const signs: Signs =
    change.kind === 'delete'
      ? NO_SIGNS
      : {
          nearMiss: isNearMiss(situation, base, change.fields, change.hash, comparison),
          conflicts: isOutbound ? conflicts : [],
          isDiverged:
            isOutbound &&
            changedFields(base, change.fields, comparison).some(
              (field) => changedFields(only(entity, field), only(change.fields, field), comparison).length > 0,
            ) &&
            // a provider that does not take what is written is not asked to without end
            (shadow?.prints ?? []).filter(({ over }) => over === change.hash).length < MOST_CORRECTIONS,
        };
  if (local === undefined) {
    // without the entity, what remains of other providers makes none
    if (change.kind === 'delete') return note(heardVoices, signs);
    const changed = changedFields({}, entity, comparison);
    return { kind: 'apply', change: 'created', entity, before: undefined, changed, voices: heardVoices, signs };
  }
  const changed = changedFields(local, entity, comparison);
  if (changed.length === 0) return note(heardVoices, signs);
  return { kind: 'apply', change: 'updated', entity, before: local, changed, voices: heardVoices, signs };
}

/** How often the same values of the provider are written over, in a day. */
const MOST_CORRECTIONS = 5;

const only = (fields: Fields, name: string): Fields => {
  const value = fields[name];
  return value === undefined ? {} : { [name]: value };
};
