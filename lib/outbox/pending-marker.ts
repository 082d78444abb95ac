import { PENDING_ATTRIBUTES } from '../contracts/index.ts';
import { STORED_FORMAT_VALUE } from '../shared/stored-format.ts';
import type { EpochMs } from '../shared/time.ts';
import { type EventKey, type EventRecord, keyItem, keyOf } from './event-record.ts';
import type { Item } from './item-size.ts';

/** Why an event can never be published as it is. */
export interface QuarantineNote {
  readonly code: string;
  readonly message: string;
  readonly at: EpochMs;
}

/** The marker of an event that is not published. */
export interface PendingMarker extends EventKey {
  readonly committedAt: EpochMs;
  /** Undefined while the event may still be published. */
  readonly quarantined: QuarantineNote | undefined;
}

/** The event's marker as its producer writes it. */
export const markerItem = (event: EventRecord): Item => ({
  ...keyItem(event),
  ...STORED_FORMAT_VALUE,
  [PENDING_ATTRIBUTES.id]: { S: event.id },
  [PENDING_ATTRIBUTES.type]: { S: event.type },
  [PENDING_ATTRIBUTES.committedAt]: { N: String(event.committedAt) },
});

/** The value of the attribute that quarantines an event. */
export const noteValue = ({ code, message, at }: QuarantineNote): Item[string] => ({
  M: { code: { S: code }, message: { S: message }, at: { N: String(at) } },
});

export function markerOf(item: Item): PendingMarker {
  const note = item[PENDING_ATTRIBUTES.quarantined];
  return {
    ...keyOf(item),
    // a marker that does not say when has waited for longer than anybody knows
    committedAt: Number(item[PENDING_ATTRIBUTES.committedAt]?.N ?? 0) as EpochMs,
    quarantined: note && {
      code: note.M?.['code']?.S ?? 'UNKNOWN',
      message: note.M?.['message']?.S ?? '',
      at: Number(note.M?.['at']?.N) as EpochMs,
    },
  };
}
