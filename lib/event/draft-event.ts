import {
  assertTenantId,
  type CloudEvent,
  DEFAULT_MAX_HOPS,
  dataSchemaOf,
  type EventDefinition,
  type EventInputOf,
  GROUP_MAX_LENGTH,
  GROUP_PATTERN,
  groupOf,
  readGroup,
  SEQUENCE_DIGITS,
} from '../definitions/index.ts';
import { type Clock, toTimestamp } from '../shared/time.ts';
import { EventEnvelopeError, EventPlaceError, HopLimitError } from './errors.ts';
import type { EventContext } from './event-context.ts';
import type { EventIds } from './event-ids.ts';
import { principalAttributes, principalViolations } from './event-principal.ts';
import { attributeViolations, toWireForm, validateData } from './parse-event.ts';
import { nextTraceparent } from './trace-context.ts';

export interface EventMaker {
  readonly clock: Clock;
  readonly ids: EventIds;
  /** Number of causation steps after which publishing is refused. @default DEFAULT_MAX_HOPS */
  readonly maxHops?: number;
}

/** A complete event except for its sequence, which only the transaction knows. */
export interface EventDraft {
  readonly envelope: Omit<CloudEvent, 'sequence'>;
  /** False if the event is its own group. Its sequence is then 1. */
  readonly grouped: boolean;
}

/**
 * Validates `data` and creates the envelope. Returns a promise only if the schema is asynchronous.
 * @param context if `hops` is not set, it is one more than that of the cause
 * @throws EventDataError `EVENT_DATA_INVALID` naming every invalid path
 * @throws EventPlaceError `EVENT_PLACE_INVALID` for a group that SQS does not accept or that looks like a tenant's, and
 * for invalid hops
 * @throws TenantIdError `TENANT_INVALID`
 * @throws EventEnvelopeError `EVENT_ENVELOPE_INVALID` for attributes that no consumer accepts, such as a subject that
 * is not a string
 * @throws HopLimitError `EVENT_HOP_LIMIT` if the chain of causes is too long
 */
export function draftEvent<Definition extends EventDefinition>(
  definition: Definition,
  data: EventInputOf<Definition>,
  context: EventContext & { readonly correlationId: string; readonly hops?: number | undefined },
  { clock, ids, maxHops = DEFAULT_MAX_HOPS }: EventMaker,
): EventDraft | Promise<EventDraft> {
  const hops = context.hops ?? (context.cause?.hops ?? -1) + 1;
  if (!Number.isSafeInteger(hops) || hops < 0) {
    throw new EventPlaceError(`the hops of '${definition.type}' must be a whole number from 0, got ${hops}`);
  }
  if (hops > maxHops) throw new HopLimitError(definition.type, hops, maxHops);
  const { tenantId, principal } = context;
  if (tenantId !== undefined) assertTenantId(tenantId);

  const wire = toWireForm(definition, data);
  const draft = (validated: unknown): EventDraft => {
    const id = ids.newEventId();
    const group = definition.group?.(validated);
    if (group !== undefined) assertGroup(definition, group, tenantId);
    const envelope: EventDraft['envelope'] = {
      specversion: '1.0',
      id,
      source: definition.source,
      type: definition.type,
      time: toTimestamp(clock.now()),
      ...given('subject', definition.subject?.(validated)),
      datacontenttype: 'application/json',
      dataschema: dataSchemaOf(definition),
      partitionkey: groupOf(tenantId, group ?? id),
      correlationid: context.correlationId,
      ...given('causationid', context.cause?.id),
      traceparent: nextTraceparent(context.traceparent, ids),
      ...given('tracestate', context.tracestate),
      ...given('tenantid', tenantId),
      ...(principal === undefined ? {} : principalAttributes(principal)),
      ...given('sensitivemembers', definition.sensitive?.join(' ')),
      hops,
      data: wire,
    };
    const violations = [
      ...attributeViolations({ ...envelope, sequence: formatSequence(1) }),
      ...(principal === undefined ? [] : principalViolations(principal)),
    ];
    if (violations.length > 0) throw new EventEnvelopeError(definition.type, violations);
    return { grouped: group !== undefined, envelope };
  };
  const validated = validateData(definition, wire);
  return validated instanceof Promise ? validated.then(draft) : draft(validated);
}

/** Omits undefined and empty values, because no consumer accepts an empty attribute. */
const given = <Name extends string>(name: Name, value: string | undefined): Partial<Record<Name, string>> =>
  value === undefined || value === ''
    ? {}
    : (Object.fromEntries([[name, value]] as const) as Partial<Record<Name, string>>);

function assertGroup(definition: EventDefinition, group: string, tenantId: string | undefined): void {
  const maxLength = GROUP_MAX_LENGTH - groupOf(tenantId, '').length;
  if (typeof group !== 'string' || group.length > maxLength || !GROUP_PATTERN.test(group)) {
    throw new EventPlaceError(
      `the group of '${definition.type}' must be 1 to ${maxLength} visible ASCII characters without spaces, got '${group}': fix the definition's group function`,
    );
  }
  if (tenantId !== undefined || readGroup(group)?.group === group) return;
  throw new EventPlaceError(
    `the group of '${definition.type}' must not look like a tenant's, because the event has no tenant, got '${group}': fix the definition's group function, or set the tenant`,
  );
}

/** The finished event with its sequence. */
export const sealEvent = ({ envelope }: EventDraft, sequence: number): CloudEvent => {
  const { data, hops, ...attributes } = envelope;
  return { ...attributes, sequence: formatSequence(sequence), hops, data };
};

const formatSequence = (sequence: number): string => String(sequence).padStart(SEQUENCE_DIGITS, '0');
