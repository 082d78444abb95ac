import * as z from '../zod.ts';

/** Who is told about an order, as the table holds it. */
export const addresseeSchema = z.object({ orderId: z.string(), customerId: z.string() });

export type Addressee = z.infer<typeof addresseeSchema>;
