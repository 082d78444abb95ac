import type { EpochMs } from '../../lib/shared/time.ts';
import type { JsonObject } from '../endpoint/service.ts';

/** An event as it travels over a bus: parsed for patterns and paths, serialized once for its bodies. */
export interface BusEvent {
  readonly fields: JsonObject;
  readonly detailJson: string;
  /** The whole event: what a target gets without any input setting, and what a dead letter holds. */
  readonly json: string;
  /** When it happened: `time`, with the milliseconds that the text form drops. */
  readonly occurredAt: EpochMs;
  readonly ingestedAt: EpochMs;
  /** A bus gave it to this one; it goes no further than one such step. */
  readonly forwarded: boolean;
}

export interface NewEvent {
  readonly id: string;
  readonly source: string;
  readonly detailType: string;
  readonly account: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: JsonObject;
  readonly detailJson: string;
  readonly occurredAt: EpochMs;
  readonly ingestedAt: EpochMs;
}

export function createBusEvent(event: NewEvent): BusEvent {
  const { detail, detailJson, occurredAt, ingestedAt } = event;
  const head = {
    version: '0',
    id: event.id,
    'detail-type': event.detailType,
    source: event.source,
    account: event.account,
    time: toEventTime(occurredAt),
    region: event.region,
    resources: event.resources,
  };
  return {
    fields: { ...head, detail },
    detailJson,
    json: withDetail(head, detailJson),
    occurredAt,
    ingestedAt,
    forwarded: false,
  };
}

/** The event as a replay puts it on the bus: the same, with the replay's name. */
export function toReplayed(json: string, replayName: string, occurredAt: EpochMs, ingestedAt: EpochMs): BusEvent {
  const { detail, ...rest }: Record<string, unknown> = JSON.parse(json);
  const head = { ...rest, 'replay-name': replayName };
  // inside a string of the head the quotes would be escaped, so the first match is the member
  const detailJson = json.slice(json.indexOf(DETAIL_MEMBER) + DETAIL_MEMBER.length, -1);
  return {
    fields: { ...head, detail },
    detailJson,
    json: withDetail(head, detailJson),
    occurredAt,
    ingestedAt,
    forwarded: false,
  };
}

/** Whole seconds, as every event of EventBridge has its `time`. */
export const toEventTime = (instant: EpochMs): string => `${new Date(instant).toISOString().slice(0, 19)}Z`;

const DETAIL_MEMBER = ',"detail":';

const withDetail = (head: object, detailJson: string) =>
  `${JSON.stringify(head).slice(0, -1)}${DETAIL_MEMBER}${detailJson}}`;

/** White space between tokens; strings are taken whole, so that theirs stays. */
const STRING_OR_SPACE = /("[^"\\]*(?:\\.[^"\\]*)*")|\s+/g;

/**
 * Valid JSON without white space between its tokens. Unlike parsing and serializing it keeps the order of all keys,
 * also of those that look like numbers, and every digit of a 64-bit integer.
 */
export const compactJson = (json: string): string => json.replace(STRING_OR_SPACE, '$1');
