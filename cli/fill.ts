import { fillPlaces } from '../lib/operations/index.ts';
import { addMs, toEpochSeconds } from '../lib/shared/time.ts';
import type { FillOptions } from './command-line.ts';
import type { ExitStatus, Operation } from './operation.ts';
import { UsageError } from './usage-error.ts';
import { jsonText } from './wording.ts';

export async function fill(options: FillOptions, operation: Operation): Promise<ExitStatus> {
  const { group, from, to, reason, by = operation.operator, yes } = options;
  const { console, json, clock, repair, outboxRetentionSeconds } = operation;
  if (!yes) {
    const agreed = await console.confirm(
      `No consumer will ever handle events ${from} to ${to} of ${group}. Mark them as empty?`,
    );
    if (agreed === undefined) throw new UsageError('there is no terminal to ask on: add --yes to fill without asking');
    if (!agreed) {
      console.note('nothing was done');
      return 1;
    }
  }
  const at = clock.now();
  const text = { reason, by, at, expires: toEpochSeconds(addMs(at, outboxRetentionSeconds * 1000)) };
  const result = await fillPlaces(repair, { group, from, to }, text);
  if (json) console.line(jsonText({ group, ...result }));
  else if (result.kind === 'beyond') {
    console.note(`nothing was done: group ${group} has used its sequences up to ${result.lastUsed} only`);
  } else {
    const taken =
      result.taken.length === 0 ? '' : `; ${result.taken.join(', ')} not changed, because they are not empty`;
    console.line(`marked ${result.filled.length} places of group ${group} as empty${taken}`);
  }
  return result.kind === 'filled' ? 0 : 1;
}
