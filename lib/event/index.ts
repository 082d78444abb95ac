export { draftEvent, type EventDraft, type EventMaker, sealEvent } from './draft-event.ts';
export {
  EventDataError,
  EventEnvelopeError,
  EventMalformedError,
  EventPlaceError,
  HopLimitError,
  type Violation,
} from './errors.ts';
export { causedBy, type EventContext } from './event-context.ts';
export { createEventIds, type EventIds } from './event-ids.ts';
export { type EventPrincipal, isPrincipalId, type PrincipalType, principalOf } from './event-principal.ts';
export { MASKED, maskedData } from './masked-data.ts';
export { type EventOf, parseEvent, readEvent } from './parse-event.ts';
