import { WaybillError } from '../definitions/index.ts';

/** An event that a producer gave its place in the group. */
export interface GivenPlace {
  readonly type: string;
  readonly group: string;
  readonly sequence: number;
}

/** No more than that: what stands in the outbox is the event's data, too. */
const placeOf = ({ type, group, sequence }: GivenPlace): GivenPlace => ({ type, group, sequence });

const describe = ({ type, group, sequence }: GivenPlace): string =>
  `'${type}' cannot take sequence ${sequence} of group '${group}'`;

/**
 * The caller gave a sequence that the group has used already: another was first, or the aggregate was not loaded anew.
 * Nothing was written.
 */
export class SequenceTakenError extends WaybillError {
  readonly code = 'OUTBOX_SEQUENCE_TAKEN';
  override readonly disposition = 'lost-race';
  readonly place: GivenPlace;
  /** The last sequence that the group has used; undefined where that is not known. */
  readonly last: number | undefined;

  constructor(place: GivenPlace, last?: number) {
    super(
      `${describe(place)}: ${last === undefined ? 'the log has an event there' : `the group's last is ${last}, expected is ${last + 1}`}; nothing was written: load the aggregate again and publish its next version`,
    );
    this.place = placeOf(place);
    this.last = last;
  }
}

/** The caller gave a sequence before which one is missing: strict consumers would wait at the hole. Nothing was written. */
export class SequenceGapError extends WaybillError {
  readonly code = 'OUTBOX_SEQUENCE_GAP';
  readonly place: GivenPlace;
  /** The last sequence that the group's head knows; 0 where it has none. */
  readonly last: number;

  constructor(place: GivenPlace, last: number) {
    const { sequence } = place;
    const head = last === 0 ? 'the group has no head' : `the group's last is ${last}`;
    super(
      `${describe(place)}: ${head} and the log has no event ${sequence - 1}, expected is ${last + 1}; nothing was written: publish every version, in order, with the change that makes it (events that older releases published and retention has taken: see docs/adr/0019)`,
    );
    this.place = place;
    this.last = last;
  }
}

/** Numbers of the head and of an aggregate's own come together in one group. Nothing was written. */
export class SequenceMixedError extends WaybillError {
  readonly code = 'OUTBOX_SEQUENCE_MIXED';
  override readonly disposition = 'permanent';
  readonly group: string;

  /** @param given the sequence of the caller's; undefined where the head was to give it */
  constructor(type: string, group: string, given: number | undefined) {
    super(
      given === undefined
        ? `'${type}' has no sequence, but its group '${group}' is counted by its aggregate: pass { sequence } with all events of the group, or put this event into a group of its own; nothing was written`
        : `'${type}' has sequence ${given}, but its group '${group}' is counted by the outbox: leave { sequence } out for all events of the group, or put this event into a group of its own; nothing was written`,
    );
    this.group = group;
  }
}

/** The caller gave sequences that cannot stand in one transaction, or none of the allowed numbers. */
export class SequenceError extends WaybillError {
  readonly code = 'OUTBOX_SEQUENCE_INVALID';
  override readonly disposition = 'permanent';
}
