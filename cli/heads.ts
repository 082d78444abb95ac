import { createRateLimiter, type RaisedHead, type RaiseHeadsProgress, raiseHeads } from '../lib/operations/index.ts';
import { addMs, toEpochSeconds } from '../lib/shared/time.ts';
import { columns } from '../local/view/columns.ts';
import type { HeadsOptions } from './command-line.ts';
import type { ExitStatus, Operation } from './operation.ts';
import { jsonText } from './wording.ts';

export async function heads(options: HeadsOptions, operation: Operation): Promise<ExitStatus> {
  const { apply, reason, by = operation.operator, readUnitsPerSecond } = options;
  const { console, json, clock, sleep, repair, cursorScanner, outboxRetentionSeconds, environmentName } = operation;
  const at = clock.now();
  const run = raiseHeads(
    {
      scanner: cursorScanner,
      repair,
      readLimiter: createRateLimiter({ unitsPerSecond: readUnitsPerSecond, clock, sleep }),
    },
    {
      apply,
      text: { reason, by, at, expires: toEpochSeconds(addMs(at, outboxRetentionSeconds * 1000)) },
      onProgress: ({ cursors, behind }) => console.progress(`${cursors} cursors, ${behind} heads behind`),
    },
  );
  const found: RaisedHead[] = [];
  let next = await run.next();
  for (; !next.done; next = await run.next()) found.push(next.value);
  if (json) console.line(jsonText({ environment: environmentName, ...next.value, heads: found }));
  else tell(found, next.value, apply, operation);
  return apply || found.length === 0 ? 0 : 1;
}

function tell(
  found: readonly RaisedHead[],
  { cursors, readUnits }: RaiseHeadsProgress,
  apply: boolean,
  { console }: Operation,
): void {
  const rows = found.map(({ group, from, to, raised }) => [group, String(from), String(to), raised ? 'yes' : 'no']);
  if (rows.length > 0) for (const row of columns([['GROUP', 'HEAD', 'SEEN', 'RAISED'], ...rows])) console.line(row);
  console.line(
    `${found.length} heads behind what a consumer has seen; ${cursors} cursors, ${Math.ceil(readUnits)} read units`,
  );
  if (found.length > 0 && !apply) console.line('nothing was changed: add --apply to raise them');
}
