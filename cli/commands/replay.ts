import {
  createRateLimiter,
  type ReplayDeps,
  type ReplayedGroup,
  type ReplayProgress,
  replay as replayEvents,
} from '../../lib/operations/index.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, CONSUMER, DEFAULT_READ_UNITS_PER_SECOND, defineCommand } from '../command.ts';
import { type ExitStatus, type Operation, type StrictOperated, strictConsumer, tellJson } from '../operation.ts';
import { UsageError } from '../usage-error.ts';
import { cellText } from '../wording.ts';

const DEFAULT_GROUPS_PER_SECOND = 10;

const VERBS = ['plan', 'start'] as const;
const START_OPTIONS = ['reason', 'by', 'run', 'rate', 'yes'] as const;

interface ReplayCommandOptions {
  readonly verb: (typeof VERBS)[number];
  readonly consumer: string;
  readonly since: EpochMs | undefined;
  readonly until: EpochMs | undefined;
  readonly group: string | undefined;
  readonly reason: string;
  readonly by: string | undefined;
  /** Undefined: a new one. */
  readonly run: string | undefined;
  readonly groupsPerSecond: number;
  readonly iKnow: boolean;
  readonly yes: boolean;
}

export const replayCommand = defineCommand({
  name: 'replay',
  usage:
    'replay plan|start --consumer NAME [--since TIME] [--until TIME] [--group GROUP] [--reason TEXT] [--run ID] [--rate N] [--i-know] [--yes]',
  text: 'let a strict consumer handle events of the log again, in order, or for the first time',
  more: [
    'plan changes nothing: it shows which groups would go back, to which event, and why others would not. start moves their',
    'cursors back under a new generation, for which the inbox knows nothing; live events of a group flow behind the replayed ones.',
    'Handlers see it by replay in their context. If start was interrupted, the same command with --run ID goes on; a group is',
    'replayed once by a run. Groups for which the consumer has no cursor are begun: the backfill of a new consumer.',
  ],
  options: {
    consumer: CONSUMER,
    since: {
      value: 'TIME',
      text: 'committed at this time or later, as 2026-11-20T06:00:00Z (default: all that the log has)',
    },
    until: { value: 'TIME', text: 'committed at this time or earlier (default: now)' },
    group: { value: 'GROUP', text: 'only this group' },
    reason: { value: 'TEXT', text: 'start: why (required)' },
    by: { value: 'NAME', text: 'start: who decided it (default: user and host)' },
    run: { value: 'ID', text: 'start: the run to go on with, as it was printed' },
    rate: {
      value: 'N',
      text: `start: groups that begin per second, 0.01 to 1000 (default: ${DEFAULT_GROUPS_PER_SECOND})`,
    },
    'i-know': { text: 'also a process manager, and a consumer that calls external systems' },
    yes: { text: 'start: do not ask for confirmation; required without a terminal' },
    ...COMMON,
  },
  rights: [
    { on: 'outbox', actions: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:Scan'] },
    { on: 'cursors', actions: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'] },
    { on: 'queues', actions: ['sqs:SendMessage'] },
  ],
  words: 1,
  verbs: [...VERBS],
  read: readReplay,
  run: replay,
});

function readReplay(given: Arguments): ReplayCommandOptions {
  const [word = ''] = given.positionals;
  const verb = VERBS.find((each) => each === word);
  if (verb === undefined) given.refuse(`replay needs one of ${VERBS.join(', ')}, got '${word}'`);
  if (verb === 'plan') {
    for (const option of START_OPTIONS) if (given.has(option)) given.refuse(`--${option} is for replay start only`);
  }
  const since = readInstant(given, 'since');
  const until = readInstant(given, 'until');
  if (since !== undefined && until !== undefined && since > until) given.refuse('--since must not be after --until');
  return {
    verb: verb ?? 'plan',
    consumer: given.needed('consumer'),
    since,
    until,
    group: given.text('group'),
    reason: verb === 'start' ? given.needed('reason') : '',
    by: given.text('by'),
    run: given.text('run'),
    groupsPerSecond: given.number('rate', { min: 0.01, max: 1_000, whole: false }) ?? DEFAULT_GROUPS_PER_SECOND,
    iKnow: given.has('i-know'),
    yes: given.has('yes'),
  };
}

function readInstant(given: Arguments, option: string): EpochMs | undefined {
  const text = given.text(option);
  if (text === undefined) return undefined;
  const instant = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(instant)) given.refuse(`--${option} must be a time such as 2026-11-20T06:00:00Z, got '${text}'`);
  return instant as EpochMs;
}

export async function replay(options: ReplayCommandOptions, operation: Operation): Promise<ExitStatus> {
  const consumer = operation.consumer(options.consumer);
  // fifo consumers are refused with the reason
  consumer.assertReplayable(options.iKnow);
  const strict = strictConsumer(operation, options.consumer);
  const { console, clock, operator } = operation;
  const plans = options.verb === 'plan';
  const run = options.run ?? `replay-${clock.now().toString(36)}`;
  if (!plans && !options.yes && !(await isAgreed(options, operation))) {
    console.note('nothing was done');
    return 1;
  }
  if (!plans) console.note(`run ${run}: if this is interrupted, add --run ${run} to go on`);
  const { since, until, group, reason, by = operator } = options;
  const request = { run, since, until, group, by, reason };
  const groups: ReplayedGroup[] = [];
  const steps = replayEvents(depsOf(strict, options, operation), request, { plans });
  let step = await steps.next();
  for (; step.done !== true; step = await steps.next()) {
    groups.push(step.value);
    console.progress(`${groups.length} groups`);
  }
  tell(groups, step.value, { ...options, run }, operation);
  return groups.some(({ kind }) => kind === 'refused') ? 1 : 0;
}

function depsOf(
  { queue, takes, strict: { cursors } }: StrictOperated,
  { groupsPerSecond }: ReplayCommandOptions,
  { log, clock, sleep }: Operation,
): ReplayDeps {
  return {
    ...{ cursors, log, walker: log, queue, takes, clock },
    readLimiter: createRateLimiter({ unitsPerSecond: DEFAULT_READ_UNITS_PER_SECOND, clock, sleep }),
    groupLimiter: createRateLimiter({ unitsPerSecond: groupsPerSecond, clock, sleep }),
  };
}

async function isAgreed({ consumer, group }: ReplayCommandOptions, { console }: Operation): Promise<boolean> {
  const what = group === undefined ? 'every group that the plan shows' : `group ${group}`;
  const agreed = await console.confirm(`'${consumer}' will handle events of ${what} again. Start the replay?`);
  if (agreed === undefined) throw new UsageError('there is no terminal to ask on: add --yes to start without asking');
  return agreed;
}

const HEADINGS = ['GROUP', 'FROM', 'TO', 'EVENTS', 'WHAT'];
const GROUP_WIDTH = 40;
const MAX_SHOWN = 100;

function tell(
  groups: readonly ReplayedGroup[],
  { items, readUnits, events }: ReplayProgress,
  { verb, consumer, run, groupsPerSecond }: ReplayCommandOptions,
  operation: Operation,
): void {
  const { console, json, environmentName } = operation;
  const refused = groups.filter(({ kind }) => kind === 'refused').length;
  if (json) {
    const facts = { environment: environmentName, consumer, run, items, readUnits, events, refused, groups };
    tellJson(operation, facts, 'groups');
    return;
  }
  const rows = groups
    .slice(0, MAX_SHOWN)
    .map((each) => [
      cellText(each.group, GROUP_WIDTH, console),
      String(each.from),
      String(each.upTo),
      String(each.events),
      each.kind === 'refused' ? `not replayed: ${each.why}` : each.kind,
    ]);
  if (rows.length > 0) for (const row of columns([HEADINGS, ...rows])) console.line(row);
  if (groups.length > MAX_SHOWN) console.line(`and ${groups.length - MAX_SHOWN} more groups`);
  const seconds = Math.ceil((groups.length - refused) / groupsPerSecond);
  const what = verb === 'plan' ? `would be replayed, in ${seconds} s or more` : 'are replayed';
  console.line(
    `${events} events of ${groups.length - refused} groups ${what}; ${refused} groups refused; ${items} items, ${Math.ceil(readUnits)} read units`,
  );
}
