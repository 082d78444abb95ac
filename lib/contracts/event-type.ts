/** What tells an event type from every other: two sources may use the same word. */
export interface EventTypeKey {
  readonly source: string;
  readonly type: string;
}

/** Whether a consumer subscribed to the events of that source and type. */
export type Takes = (event: EventTypeKey) => boolean;

/** The one of these that is of the event's source and type; undefined where none is. */
export const findEventType = <Key extends EventTypeKey>(
  among: readonly Key[],
  { source, type }: EventTypeKey,
): Key | undefined => among.find((each) => each.type === type && each.source === source);

/** What a consumer takes that subscribed to these. */
export const takesOf =
  (subscribed: readonly EventTypeKey[]): Takes =>
  (event) =>
    findEventType(subscribed, event) !== undefined;

/** As messages name it: `'com.example.order.placed' from '/orders'`. */
export const describeEventType = ({ source, type }: EventTypeKey): string => `'${type}' from '${source}'`;

/**
 * Longer than a deployment takes from its first changed resource to the end of the last execution of the old code, in
 * milliseconds. Until then the next code may take a type that this code does not know.
 */
export const LONGEST_DEPLOYMENT_MS = 3_600_000;

/** Whether an event has been without code that takes it for longer than a deployment can take; milliseconds since 1970. */
export const isBeyondDeployment = (since: number, now: number): boolean => now - since >= LONGEST_DEPLOYMENT_MS;
