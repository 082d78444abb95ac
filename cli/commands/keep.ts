import { createRateLimiter, type KeepResult, keepGroup } from '../../lib/operations/index.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, CONSUMER, defineCommand, readGroups } from '../command.ts';
import { type ExitStatus, type Operation, type StrictOperated, strictConsumer, tellJson } from '../operation.ts';

export interface KeepOptions {
  readonly consumer: string;
  /** Undefined: every held group. */
  readonly group: string | undefined;
  readonly days: number;
}

export const keepCommand = defineCommand({
  name: 'keep',
  usage: 'keep --consumer NAME (--group GROUP | --all-held) --days N',
  text: 'keep the events of a waiting group in the log for longer',
  more: [
    'Extends the time to live of all events that the consumer has not dealt with, to at least N days from now, and lists',
    'events that the log no longer holds. Harmless to repeat.',
  ],
  options: {
    consumer: CONSUMER,
    group: { value: 'GROUP', text: 'this group' },
    'all-held': { text: 'every group whose event is a dead letter' },
    days: { value: 'N', text: 'days from now, 1 to 3650 (required)' },
    ...COMMON,
  },
  rights: [
    { on: 'outbox', actions: ['dynamodb:Query', 'dynamodb:UpdateItem'] },
    { on: 'cursors', actions: ['dynamodb:BatchGetItem'] },
    { on: 'cursors-indexes', actions: ['dynamodb:Query'] },
  ],
  read: readKeep,
  run: keep,
});

function readKeep(given: Arguments): KeepOptions {
  const consumer = given.needed('consumer');
  given.needed('days');
  const days = given.number('days', { min: 1, max: 3_650, whole: true }) ?? 0;
  return { consumer, group: readGroups('keep', given), days };
}

const KEPT_PER_SECOND = 200;

interface Kept {
  readonly group: string;
  readonly result: KeepResult;
}

export async function keep(options: KeepOptions, operation: Operation): Promise<ExitStatus> {
  const { console, json, clock, sleep, repair } = operation;
  const { consumer: name, days } = options;
  const { strict } = strictConsumer(operation, name);
  const limiter = createRateLimiter({ unitsPerSecond: KEPT_PER_SECOND, clock, sleep });
  const groups: Kept[] = [];
  for await (const group of groupsOf(options, strict)) {
    groups.push({ group, result: await keepGroup({ cursors: strict.cursors, repair, clock, limiter }, group, days) });
    console.progress(`${groups.length} groups`);
  }
  const isAllKept = groups.every(({ result }) => result.kind !== 'kept' || result.gone.length === 0);
  if (json)
    tellJson(
      operation,
      { consumer: name, days, groups: groups.map(({ group, result }) => ({ group, ...result })) },
      'groups',
    );
  else {
    for (const row of columns(groups.map(({ group, result }) => [group, keepText(result, days)]))) console.line(row);
    if (groups.length === 0) console.line(`no group of '${name}' is held`);
  }
  return isAllKept && groups.every(({ result }) => result.kind !== 'no-cursor') ? 0 : 1;
}

async function* groupsOf({ group }: KeepOptions, { waiting }: StrictOperated['strict']): AsyncGenerator<string> {
  if (group !== undefined) {
    yield group;
    return;
  }
  for await (const page of waiting.list()) {
    yield* page.filter(({ cursor }) => cursor.blockedBy.state === 'dead').map((each) => each.group);
  }
}

function keepText(result: KeepResult, days: number): string {
  switch (result.kind) {
    case 'kept': {
      const gone = result.gone.length === 0 ? '' : `; the log no longer had ${result.gone.join(', ')}`;
      return `kept ${result.kept} of the events ${result.from} to ${result.to} for ${days} days from now${gone}`;
    }
    case 'up-to-date':
      return 'nothing to keep: the consumer has processed all events of the group in the log';
    case 'no-cursor':
      return 'nothing was kept: the consumer has no cursor for this group';
  }
}
