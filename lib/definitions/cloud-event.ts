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
  /** Time of the producer's transaction, RFC 3339 in UTC. */
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
  /** The same id for all events caused by one request. */
  readonly correlationid: string;
  /** Id of the event whose handling published this one. */
  readonly causationid?: string;
  /** W3C Trace Context. */
  readonly traceparent: string;
  readonly tracestate?: string;
  readonly tenantid?: string;
  /** Kind of the principal that caused the event: `app_user`. Of CloudEvents' Auth Context extension. */
  readonly authtype?: string;
  /** Pseudonymous id of that principal, such as the subject of its access token. */
  readonly authid?: string;
  /** Pointers to members of `data` that people do not see (RFC 6901, `*` for each), separated by spaces. */
  readonly sensitivemembers?: string;
  /** Number of causing events since the request; guards against loops. */
  readonly hops: number;
}

/** Identifies one event, with its type for readers. */
export type EventReference = Pick<CloudEvent, 'source' | 'id' | 'type'>;

/** Path of the group in the bus's envelope, used as the rule target's `MessageGroupId`. */
export const PARTITION_KEY_PATH = '$.detail.partitionkey';

/** Path of the stored event in the bus's envelope, which a rule sends to its target. */
export const EVENT_PATH = '$.detail';
