import * as z from '../zod.ts';

/** What is counted of a customer's orders. */
const ORDER_COUNTS = ['placed', 'shipped', 'cancelled'] as const;

export type OrderCount = (typeof ORDER_COUNTS)[number];

const countSchema = z._default(z.int().check(z.nonnegative()), 0);

const customerSchema = z.object({
  kind: z.literal('customer'),
  customerId: z.string(),
  placed: countSchema,
  shipped: countSchema,
  cancelled: countSchema,
});

const countedOrderSchema = z.object({
  kind: z.literal('order'),
  orderId: z.string(),
  customerId: z.string(),
  /** As what it has been counted. */
  countedAs: z.array(z.enum(ORDER_COUNTS)),
});

/** What an item of the customers' table stands for. */
export const customerItemSchema = z.discriminatedUnion('kind', [customerSchema, countedOrderSchema]);

export type CustomerItem = z.infer<typeof customerItemSchema>;

export type CountedOrder = z.infer<typeof countedOrderSchema>;

export const customerKey = (customerId: string) => ({ id: `customer#${customerId}` });

export const countedOrderKey = (orderId: string) => ({ id: `order#${orderId}` });
