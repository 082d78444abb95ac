import { createFunctionCalls } from '../orders/function-calls.ts';
import { queryReadModels } from '../read-models/query-read-models.ts';
import type { ReadModels } from '../read-models/read-model.ts';
import type { ShopRun } from './start-shop.ts';

/** What the read models show now; nothing where a missing grant ended the run, or keeps them from answering. */
export async function askReadModels(
  { run, clients, shop, settings, startedAt }: ShopRun,
  signal: AbortSignal,
): Promise<ReadModels[]> {
  const isRefused = () => run.permissions.refusals().length + run.lambda.startFailures.list().length > 0;
  if (isRefused()) return [];
  const years = yearsBetween(startedAt, run.clock.now());
  const call = createFunctionCalls(clients.lambda);
  const models = await queryReadModels(settings.tenantIds, years, { call, shop, signal });
  return isRefused() ? [] : models;
}

/** In UTC; a run that drives its time may see a new one. */
function yearsBetween(startMs: number, endMs: number): string[] {
  const first = new Date(startMs).getUTCFullYear();
  const last = new Date(endMs).getUTCFullYear();
  return Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
}
