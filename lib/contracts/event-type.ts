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
