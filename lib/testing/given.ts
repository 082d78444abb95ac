import type { EventDefinition, EventInputOf } from '../definitions/index.ts';
import type { PlainItem } from './plain-items.ts';

/** An event that has happened before the test's first step. */
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
  /** Whose items and events they are. @default - nobody's */
  readonly tenantId?: string;
  /** Plain items by table, with keys as the tenant knows them. */
  readonly items?: { readonly [Name in TableName]?: readonly PlainItem[] };
  /** Published in this order; each consumer served so far handles what it takes. What they publish waits for `runToEnd`. */
  readonly events?: readonly Happened[];
}
