import { WaybillError } from '../definitions/index.ts';

/** An event whose sequence the producer chose. */
export interface GivenPlace {
  readonly type: string;
  readonly group: string;
  readonly sequence: number;
}

/** Only these fields: the publication also holds the event's data. */
const placeOf = ({ type, group, sequence }: GivenPlace): GivenPlace => ({ type, group, sequence });

const describe = ({ type, group, sequence }: GivenPlace): string =>
  `'${type}' cannot take sequence ${sequence} of group '${group}'`;

/**
 * The caller's sequence is already used: another writer was first, or the aggregate was not reloaded. Nothing was
 * written.
 */
export class SequenceTakenError extends WaybillError {
  readonly code = 'OUTBOX_SEQUENCE_TAKEN';
  override readonly disposition = 'lost-race';
  readonly place: GivenPlace;
  /** The group's last used sequence; undefined if not known. */
  readonly last: number | undefined;

  constructor(place: GivenPlace, last?: number) {
    super(
      `${describe(place)}: ${last === undefined ? 'the log has an event there' : `the group's last is ${last}, expected is ${last + 1}`}; nothing was written: load the aggregate again and publish its next version`,
    );
    this.place = placeOf(place);
    this.last = last;
  }
}

/** The sequence before the caller's is missing: strict consumers would wait at the hole. Nothing was written. */
export class SequenceGapError extends WaybillError {
  readonly code = 'OUTBOX_SEQUENCE_GAP';
  readonly place: GivenPlace;
  /** The last sequence of the group's head; 0 if it has none. */
  readonly last: number;

  constructor(place: GivenPlace, last: number) {
    const { sequence } = place;
    const head = last === 0 ? 'the group has no head' : `the group's last is ${last}`;
    super(
      `${describe(place)}: ${head} and the log has no event ${sequence - 1}, expected is ${last + 1}; nothing was written: publish every version, in order, with the change that makes it (if older releases published the earlier events and they have expired: see docs/adr/0019)`,
    );
    this.place = place;
    this.last = last;
  }
}

/** A group has both sequences of the outbox and versions of an aggregate. Nothing was written. */
export class SequenceMixedError extends WaybillError {
  readonly code = 'OUTBOX_SEQUENCE_MIXED';
  override readonly disposition = 'permanent';
  readonly group: string;

  /** @param given the caller's sequence; undefined if the outbox was to assign it */
  constructor(type: string, group: string, given: number | undefined) {
    super(
      given === undefined
        ? `'${type}' has no sequence, but its group '${group}' uses the aggregate's versions: pass { sequence } with all events of the group, or use another group for this event; nothing was written`
        : `'${type}' has sequence ${given}, but its group '${group}' gets its sequences from the outbox: leave { sequence } out for all events of the group, or use another group for this event; nothing was written`,
    );
    this.group = group;
  }
}

/** The caller's sequences are not valid: not a positive integer, used twice, with a gap, or without a group. */
export class SequenceError extends WaybillError {
  readonly code = 'OUTBOX_SEQUENCE_INVALID';
  override readonly disposition = 'permanent';
}
