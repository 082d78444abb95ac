/**
 * A CloudEvents 1.0 event in its JSON form, with the extension attributes that Waybill uses.
 * @see https://github.com/cloudevents/spec/blob/ce@v1.0.2/cloudevents/spec.md
 */
export interface CloudEvent<Data = unknown, Type extends string = string> {
  readonly specversion: '1.0';
  /** UUIDv7; (source, id) is unique. */
  readonly id: string;
  /** URI-reference of the producing context: `/orders`. */
  readonly source: string;
  readonly type: Type;
  /** RFC 3339, UTC: when the producer's transaction was put together. */
  readonly time: string;
  readonly subject?: string;
  readonly datacontenttype: 'application/json';
  /** `urn:waybill:schema:<type>:<version>` */
  readonly dataschema: string;
  readonly data: Data;
  /** The group: events that share it are ordered. */
  readonly partitionkey: string;
  /** Place in the group from 1, zero-padded to `SEQUENCE_DIGITS` digits so that it sorts as a string. */
  readonly sequence: string;
  /** One id for everything that follows from one request. */
  readonly correlationid: string;
  /** Id of the event whose handling published this one. */
  readonly causationid?: string;
  /** W3C Trace Context. */
  readonly traceparent: string;
  readonly tracestate?: string;
  readonly tenantid?: string;
  /** Steps of causation since the request: the loop guard. */
  readonly hops: number;
}

/** Names one event, with its type for the reader. */
export type EventReference = Pick<CloudEvent, 'source' | 'id' | 'type'>;

/** Where an event's group stands in the bus's envelope: the rule target's `MessageGroupId`. */
export const PARTITION_KEY_PATH = '$.detail.partitionkey';

/** What a rule passes on: the stored event, without the bus's envelope. */
export const EVENT_PATH = '$.detail';
