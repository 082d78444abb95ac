import * as z from '../../../../lib/shared/zod.ts';

/** Whom news of an order goes to, as the table holds it. */
export const addresseeSchema = z.object({ orderId: z.string(), customerId: z.string() });

export type Addressee = z.infer<typeof addresseeSchema>;
