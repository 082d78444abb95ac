import * as z from '../zod.ts';

/** How the shop's external systems word an error. */
const foreignErrorSchema = z.object({ error: z.object({ code: z.string() }) });

/** Whether an answer says that the idempotency key came with another request. */
export function isKeyReused(status: number, body: unknown): boolean {
  const parsed = foreignErrorSchema.safeParse(body);
  return status === 422 && parsed.success && parsed.data.error.code === 'IDEMPOTENCY_KEY_REUSED';
}
