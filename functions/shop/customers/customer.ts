import * as z from 'zod';

const countSchema = z.int().nonnegative().default(0);

export const customerSchema = z.object({
  kind: z.literal('customer'),
  customerId: z.string(),
  placed: countSchema,
  shipped: countSchema,
  cancelled: countSchema,
});

const orderOwnerSchema = z.object({ kind: z.literal('order'), orderId: z.string(), customerId: z.string() });

/** What an item of the customers' table stands for. */
export const customerItemSchema = z.discriminatedUnion('kind', [customerSchema, orderOwnerSchema]);

export type CustomerItem = z.infer<typeof customerItemSchema>;

/** What is counted of a customer's orders. */
export type OrderCount = 'placed' | 'shipped' | 'cancelled';

export const customerKey = (customerId: string) => ({ id: `customer#${customerId}` });

export const orderOwnerKey = (orderId: string) => ({ id: `order#${orderId}` });
