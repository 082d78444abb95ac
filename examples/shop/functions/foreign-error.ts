import type { ForeignError } from 'waybill/resilience';
import * as z from './zod.ts';

/** How the shop's external systems word an error; `text` is for people, and may repeat what was sent. */
const foreignErrorSchema = z.object({ error: z.object({ code: z.string() }) });

/** What an error of the shop's external systems says. */
export function readForeignError(status: number, body: unknown): ForeignError | undefined {
  const parsed = foreignErrorSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const { code } = parsed.data.error;
  return { detail: code, isKeyReused: status === 422 && code === 'IDEMPOTENCY_KEY_REUSED' };
}
