import type { ClientAnswer, ClientRequest } from './client-process.ts';
import { LOADS, type Load } from './loads.ts';

/** Runs the loads that its parent asks for, one at a time, until it lets go. */
process.on('message', async ({ name, input }: ClientRequest) => {
  const load = LOADS[name] as unknown as Load<unknown, unknown>;
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const cpuRatio = () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / (performance.now() - startedAt);
  };
  const answer: ClientAnswer = await load(input).then(
    (output) => ({ output, cpuRatio: cpuRatio() }),
    (error: unknown) => ({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
  process.send?.(answer);
});
