import type { Subscription } from 'waybill';
import { createConsumer, type SubscriptionHandlers } from 'waybill/consumer';
import type { UnitOfWork } from 'waybill/outbox';
import { createConsumerRuntime, requireEnv } from 'waybill/runtime';
import * as z from '../../../../../functions/zod.ts';
import { STATEMENT_TABLE, STATEMENT_TABLE_NAME } from './table.ts';

const lineSchema = z.object({
  customerId: z.string(),
  line: z.string(),
  points: z.int(),
  reason: z.optional(z.string()),
});

/** Writes a line of a customer's statement; the event's place in the order's group is the line's. */
export type WriteLine = (
  tx: UnitOfWork,
  event: { readonly sequence: string; readonly data: { readonly orderId: string; readonly customerId: string } },
  line: { readonly points: number; readonly reason?: string },
) => void;

/** What all revisions of the function have in common. */
export function serveStatement<S extends Subscription>(
  subscription: S,
  createHandlers: (writeLine: WriteLine) => SubscriptionHandlers,
) {
  const { [STATEMENT_TABLE_NAME]: tableName } = requireEnv(process.env, STATEMENT_TABLE_NAME);
  const runtime = createConsumerRuntime(subscription, process.env);
  const lines = runtime.table(STATEMENT_TABLE, tableName, lineSchema);
  const handlers = createHandlers((tx, { sequence, data: { orderId, customerId } }, line) =>
    lines.within(tx).put({
      Item: { customerId, line: `${orderId}#${sequence}`, ...line },
      ConditionExpression: 'attribute_not_exists(line)',
    }),
  );
  return createConsumer(handlers, runtime);
}
