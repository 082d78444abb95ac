import type { EventDefinition, EventInputOf } from '../definitions/index.ts';
import type { PlainItem } from './plain-items.ts';

/** An event that happened before the test's first step. */
export interface Happened {
  readonly definition: EventDefinition;
  readonly data: unknown;
}

/** @example await shop.given({ events: [happened(OrderPlaced, { orderId: '1001', total })] }); */
export const happened = <Definition extends EventDefinition>(
  definition: Definition,
  data: EventInputOf<Definition>,
): Happened => ({ definition, data });

export interface Given<TableName extends string> {
  /** The tenant of the items and events. @default - none */
  readonly tenantId?: string;
  /** Plain items by table, with keys without the tenant. */
  readonly items?: { readonly [Name in TableName]?: readonly PlainItem[] };
  /**
   * Events, published in this order. Each consumer served so far handles those that it takes. `runToEnd` delivers the
   * events that they publish.
   */
  readonly events?: readonly Happened[];
}
