/** Identifies an event type. Two sources may use the same type name. */
export interface EventTypeKey {
  readonly source: string;
  readonly type: string;
}

/** Whether a consumer subscribed to the events of that source and type. */
export type Takes = (event: EventTypeKey) => boolean;

/** Finds the entry with the event's source and type. */
export const findEventType = <Key extends EventTypeKey>(
  among: readonly Key[],
  { source, type }: EventTypeKey,
): Key | undefined => among.find((each) => each.type === type && each.source === source);

/** Creates the predicate of a subscription to these types. */
export const takesOf =
  (subscribed: readonly EventTypeKey[]): Takes =>
  (event) =>
    findEventType(subscribed, event) !== undefined;

/** Text for messages: `'com.example.order.placed' from '/orders'`. */
export const describeEventType = ({ source, type }: EventTypeKey): string => `'${type}' from '${source}'`;

/**
 * Maximum duration of a deployment, until the last execution of the old code ends, in milliseconds. Until then newer
 * code may handle a type that this code does not know.
 */
export const LONGEST_DEPLOYMENT_MS = 3_600_000;

/**
 * Whether an event has been unhandled for longer than a deployment takes. Times are milliseconds since 1970.
 */
export const isBeyondDeployment = (since: number, now: number): boolean => now - since >= LONGEST_DEPLOYMENT_MS;
