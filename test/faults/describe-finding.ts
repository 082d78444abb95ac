import type { Planted } from './planted.ts';
import { runSchedule } from './run-schedule.ts';
import type { Finding } from './search.ts';
import { textOf } from './trace.ts';

/** What a person needs to understand a finding: what broke, the schedule, what happened in it, and how to run it again. */
export async function describeFinding(
  { seed, path, wrong, schedule, foundAfter }: Finding,
  planted?: Planted,
): Promise<string> {
  const lines: string[] = [];
  await runSchedule(schedule, planted, (line) => void lines.push(textOf(line)));
  return [
    `a promise was broken in schedule ${foundAfter}:`,
    ...wrong.map((what) => `  ${what}`),
    'the smallest schedule found:',
    JSON.stringify(schedule, null, 2),
    'what happened, in milliseconds from the start:',
    ...lines,
    `to run it again: npm run faults -- --seed ${seed} --path ${path}`,
  ].join('\n');
}
