import { createRateLimiter, type RaisedHead, type RaiseHeadsProgress, raiseHeads } from '../../lib/operations/index.ts';
import { addMs, toEpochSeconds } from '../../lib/shared/time.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, DEFAULT_READ_UNITS_PER_SECOND, defineCommand } from '../command.ts';
import { type ExitStatus, type Operation, tellJson } from '../operation.ts';

export interface HeadsOptions {
  readonly apply: boolean;
  readonly reason: string;
  readonly by: string | undefined;
  readonly readUnitsPerSecond: number;
}

export const headsCommand = defineCommand({
  name: 'heads',
  usage: 'heads --reason TEXT [--apply] [--by NAME] [--rate N]',
  text: 'after the outbox was restored: raise the heads of groups to what consumers have seen',
  more: [
    'Without it, new events would get sequences that cursors have already passed. Reads all cursors once, and one head',
    'per group. Only lists what it finds, unless --apply is given. The sequences in between are marked as empty. Safe to',
    'interrupt and repeat.',
  ],
  options: {
    apply: { text: 'raise them' },
    reason: { value: 'TEXT', text: 'why the places in between are empty (required)' },
    by: { value: 'NAME', text: 'who decided it (default: user and host)' },
    rate: { value: 'N', text: `read units per second, 1 to 100000 (default: ${DEFAULT_READ_UNITS_PER_SECOND})` },
    ...COMMON,
  },
  rights: [
    { on: 'cursors', actions: ['dynamodb:Scan'] },
    { on: 'outbox', actions: ['dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'] },
  ],
  read: readHeads,
  run: heads,
});

function readHeads(given: Arguments): HeadsOptions {
  const rate = given.number('rate', { min: 1, max: 100_000, whole: false });
  return {
    apply: given.has('apply'),
    reason: given.needed('reason'),
    by: given.text('by'),
    readUnitsPerSecond: rate ?? DEFAULT_READ_UNITS_PER_SECOND,
  };
}

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
  if (json) tellJson(operation, { environment: environmentName, ...next.value, heads: found }, 'heads');
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
