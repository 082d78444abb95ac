import type { TrailEntry } from '../../lib/operations/index.ts';
import { addMs } from '../../lib/shared/time.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, defineCommand } from '../command.ts';
import { readAge } from '../failure-filter.ts';
import { type ExitStatus, type Operation, tellJson } from '../operation.ts';
import { timeText } from '../wording.ts';

const DEFAULT_SINCE_MS = 30 * 24 * 60 * 60_000;

export interface TrailOptions {
  readonly sinceMs: number;
}

export const trailCommand = defineCommand({
  name: 'trail',
  usage: 'trail [--since AGE]',
  text: 'show what operators did, who, when and why',
  more: [
    'Lists what has no record of its own elsewhere, the latest first. Entries are kept for 400 days. redrive list has the',
    'runs, pause list what is paused, where the skips of an event, settings the tuned values.',
  ],
  options: { since: { value: 'AGE', text: 'how far back: 90s, 30m, 12h or 2d (default: 30d)' }, ...COMMON },
  rights: [{ on: 'operator', actions: ['dynamodb:Query'] }],
  read: (given: Arguments): TrailOptions => ({ sinceMs: readAge(given, 'since') ?? DEFAULT_SINCE_MS }),
  run: trail,
});

export async function trail({ sinceMs }: TrailOptions, operation: Operation): Promise<ExitStatus> {
  const { console, json, clock, environmentName } = operation;
  const entries: TrailEntry[] = [];
  for await (const page of operation.trail().since(addMs(clock.now(), -sinceMs))) entries.push(...page);
  if (json) {
    tellJson(operation, { environment: environmentName, entries }, 'entries');
    return 0;
  }
  if (entries.length === 0) console.line('operators did nothing that is listed here');
  const rows = entries.map(({ at, by, what, to, reason }) => [timeText(at), by, what, toText(to), reason]);
  if (rows.length > 0) for (const row of columns([['AT', 'BY', 'WHAT', 'TO', 'REASON'], ...rows])) console.line(row);
  return 0;
}

const toText = (to: TrailEntry['to']): string =>
  Object.entries(to)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
