import {
  DEFAULT_REDRIVE_TERMS,
  type FailureFilter,
  hasHandledAll,
  MAX_REDRIVEN,
  planOf,
  type RedriveDeps,
  type RedriveRun,
  type RedriveSnapshot,
  type RedriveTerms,
  type ResumeRedriveResult,
  resumeRedrive,
  type StoredRun,
  snapshot,
  startRedrive,
  stopRedrive,
  tidyDeadLetters,
} from '../../lib/operations/index.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, DEFAULT_RESENDS_PER_SECOND, defineCommand } from '../command.ts';
import { FAILURE_FILTER, filterAt, type GivenFilter, readAge, readFailureFilter } from '../failure-filter.ts';
import { type ExitStatus, type Operation, tellJson, UNHANDLED } from '../operation.ts';
import { UsageError } from '../usage-error.ts';
import { jsonText } from '../wording.ts';
import { noOpsText, planText, RUNS_HEADINGS, runRow, runText, stageText } from './redrive-text.ts';

interface OfRun {
  readonly id: string;
}

interface StartOptions extends GivenFilter {
  readonly consumer: string;
  readonly terms: RedriveTerms;
}

export type RedriveOptions =
  | ({ readonly verb: 'plan' } & StartOptions)
  | ({
      readonly verb: 'start';
      readonly reason: string;
      readonly by: string | undefined;
      readonly yes: boolean;
    } & StartOptions)
  | { readonly verb: 'list'; readonly consumer: string | undefined; readonly limit: number }
  | ({ readonly verb: 'show' | 'watch' } & OfRun)
  | ({ readonly verb: 'stop' | 'resume'; readonly by: string | undefined; readonly reason: string | undefined } & OfRun)
  | { readonly verb: 'tidy'; readonly consumer: string };

const VERBS = ['plan', 'start', 'list', 'show', 'watch', 'stop', 'resume', 'tidy'] as const;

const TERMS = ['stages', 'rate', 'stop-above', 'patience'] as const;

/** Which options go with a verb. */
const OPTIONS: Readonly<Record<(typeof VERBS)[number], readonly string[]>> = {
  plan: ['consumer', ...Object.keys(FAILURE_FILTER), ...TERMS],
  start: ['consumer', ...Object.keys(FAILURE_FILTER), ...TERMS, 'reason', 'by', 'yes'],
  list: ['consumer', 'limit'],
  show: [],
  watch: [],
  stop: ['reason', 'by'],
  resume: ['reason', 'by'],
  tidy: ['consumer'],
};

const DEFAULT_LISTED_RUNS = 20;
const { stages: STAGES, maxFailedRatio, patienceMs } = DEFAULT_REDRIVE_TERMS;

export const redriveCommand = defineCommand({
  name: 'redrive',
  usage:
    'redrive plan --consumer NAME [filter] | redrive start --consumer NAME [filter] --reason TEXT [--yes] | redrive list | redrive show|watch|stop|resume RUN | redrive tidy --consumer NAME',
  text: 'send failed events to their consumer again, in stages that wait for the outcome',
  more: [
    'plan says what would go, and changes nothing. start takes what matches now, asks, and sends it from the log stage by',
    'stage: each stage waits until its events are handled or have failed again. The run stops by itself when too many of a',
    'stage fail again for one cause. It is kept: anybody can watch or stop it, and resume it after Ctrl-C or a crash. A',
    'run that has stopped begins with its smallest stage again. At the end the copies of what is handled are deleted from',
    `the DLQ; tidy does only that. A run has up to ${MAX_REDRIVEN} events; two runs never have the same event.`,
  ],
  options: {
    consumer: { value: 'NAME', text: 'consumer (required for plan, start and tidy)' },
    ...FAILURE_FILTER,
    stages: { value: 'N,N,…', text: `sizes of the first stages, the last has the rest (default: ${STAGES.join(',')})` },
    rate: { value: 'N', text: `events per second, 0.1 to 300 (default: ${DEFAULT_RESENDS_PER_SECOND})` },
    'stop-above': {
      value: 'PERCENT',
      text: `stop when more of a stage fails again for one cause, 0 to 99 (default: ${maxFailedRatio * 100})`,
    },
    patience: {
      value: 'TIME',
      text: `stop when nothing happens to what was sent for so long: 90s, 30m or 2h (default: ${patienceMs / 60_000}m)`,
    },
    reason: { value: 'TEXT', text: 'why (required for start)' },
    by: { value: 'NAME', text: 'who decided it (default: user and host)' },
    limit: { value: 'N', text: `how many runs to list, 1 to 1000 (default: ${DEFAULT_LISTED_RUNS})` },
    yes: { text: 'do not ask for confirmation; required without a terminal' },
    ...COMMON,
  },
  words: 2,
  verbs: VERBS,
  rights: [
    {
      on: 'operator',
      actions: [
        'dynamodb:ConditionCheckItem',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      ],
    },
    { on: 'outbox', actions: ['dynamodb:BatchGetItem'] },
    { on: 'inbox', actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'] },
    { on: 'inbox-indexes', actions: ['dynamodb:Query'] },
    { on: 'cursors', actions: ['dynamodb:BatchGetItem'] },
    { on: 'queues', actions: ['sqs:SendMessage'] },
    { on: 'dead-letter-queues', actions: ['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:ReceiveMessage'] },
  ],
  read: readRedrive,
  run: redrive,
});

function readRedrive(given: Arguments): RedriveOptions {
  const [word = '', id = ''] = given.positionals;
  const verb = VERBS.find((each) => each === word);
  if (verb === undefined) {
    given.refuse(`redrive needs one of ${VERBS.join(', ')}, got '${word}'`);
    return { verb: 'list', consumer: undefined, limit: 0 };
  }
  for (const option of Object.values(OPTIONS).flat()) {
    if (given.has(option) && !OPTIONS[verb].includes(option)) given.refuse(`--${option} is not for redrive ${verb}`);
  }
  const isOfRun = verb === 'show' || verb === 'watch' || verb === 'stop' || verb === 'resume';
  if (isOfRun && id === '') given.refuse(`redrive ${verb} needs the id of a run, as redrive list shows it`);
  if (!isOfRun && id !== '') given.refuse(`unexpected argument '${id}'`);
  switch (verb) {
    case 'plan':
      return { verb, ...readStart(given) };
    case 'start':
      return {
        verb,
        ...readStart(given),
        reason: given.needed('reason'),
        by: given.text('by'),
        yes: given.has('yes'),
      };
    case 'list': {
      const limit = given.number('limit', { min: 1, max: 1_000, whole: true }) ?? DEFAULT_LISTED_RUNS;
      return { verb, consumer: given.text('consumer'), limit };
    }
    case 'show':
    case 'watch':
      return { verb, id };
    case 'stop':
    case 'resume':
      return { verb, id, by: given.text('by'), reason: given.text('reason') };
    case 'tidy':
      return { verb, consumer: given.needed('consumer') };
  }
}

function readStart(given: Arguments): StartOptions {
  const rate = given.number('rate', { min: 0.1, max: 300, whole: false });
  const percent = given.number('stop-above', { min: 0, max: 99, whole: false });
  const patience = readAge(given, 'patience');
  if (patience === 0) given.refuse('--patience must be longer than 0');
  return {
    consumer: given.needed('consumer'),
    ...readFailureFilter(given),
    terms: {
      stages: readStages(given),
      eventsPerSecond: rate ?? DEFAULT_RESENDS_PER_SECOND,
      maxFailedRatio: percent === undefined ? maxFailedRatio : percent / 100,
      patienceMs: patience ?? patienceMs,
    },
  };
}

function readStages(given: Arguments): readonly number[] {
  const text = given.text('stages');
  if (text === undefined) return STAGES;
  const sizes = text.split(',').map((size) => (/^\d{1,6}$/.test(size) ? Number(size) : 0));
  if (!sizes.includes(0) && sizes.length <= 20) return sizes;
  given.refuse(`--stages must be up to 20 whole numbers from 1 to 999999, separated by commas, got '${text}'`);
  return STAGES;
}

export async function redrive(options: RedriveOptions, operation: Operation): Promise<ExitStatus> {
  switch (options.verb) {
    case 'plan':
      return plan(options, operation);
    case 'start':
      return start(options, operation);
    case 'list':
      return list(options, operation);
    case 'show':
      return show(options.id, operation);
    case 'watch':
      return watch(options.id, operation);
    case 'stop':
      return stop(options, operation);
    case 'resume': {
      const { id, reason, by = operation.operator } = options;
      return drive(id, { by, reason }, operation);
    }
    case 'tidy':
      return tidy(options.consumer, operation);
  }
}

function depsOf(name: string, operation: Operation): RedriveDeps {
  const { clock, sleep, logged } = operation;
  const consumer = operation.consumer(name);
  const { takes, queue, failures, noted, handled, strict, deadLetters } = consumer;
  return {
    ...{ consumer: name, failures, handled, notes: noted, logged, takes, queue, clock, sleep },
    cursors: strict?.cursors,
    skips: strict?.skips,
    runs: operation.runs(),
    pause: consumer.pause.store,
    random: Math.random,
    tidy: (progress) => tidyDeadLetters({ deadLetters, handled, strict }, progress),
  };
}

/** What matches now, and what a run would do with it. */
async function take({ consumer, ...options }: StartOptions, deps: RedriveDeps, { console, clock }: Operation) {
  const filter: FailureFilter = filterAt(options, clock.now());
  const taken: RedriveSnapshot = await snapshot(deps, filter, (count) => console.progress(`${count} events`));
  return { filter, taken, plan: planOf(consumer, taken, options.terms) };
}

async function plan(options: StartOptions, operation: Operation): Promise<ExitStatus> {
  const { console, json, environmentName } = operation;
  const { plan: planned } = await take(options, depsOf(options.consumer, operation), operation);
  if (json) console.line(jsonText({ environment: environmentName, ...planned }));
  else for (const line of planText(planned, options.terms)) console.line(line);
  return 0;
}

async function start(options: Extract<RedriveOptions, { verb: 'start' }>, operation: Operation): Promise<ExitStatus> {
  const { console, json } = operation;
  const { consumer, terms, reason, by = operation.operator, yes } = options;
  const deps = depsOf(consumer, operation);
  const { filter, taken, plan: planned } = await take(options, deps, operation);
  for (const line of planText(planned, terms)) console.note(line);
  if (planned.canGo > 0 && !yes) {
    const agreed = await console.confirm(`Send ${planned.canGo} events to '${consumer}' again?`);
    if (agreed === undefined) throw new UsageError('there is no terminal to ask on: add --yes to start without asking');
    if (!agreed) {
      console.note('nothing was done');
      return 1;
    }
  }
  const started = await startRedrive(deps, taken, { filter, terms, by, reason });
  if (started.kind === 'started') {
    console.note(
      `run ${started.run.id} of ${started.run.total} events: see it with redrive watch, end it with redrive stop`,
    );
    return drive(started.run.id, undefined, operation);
  }
  if (json) console.line(jsonText({ consumer, ...started }));
  switch (started.kind) {
    case 'nothing':
      console.note(`nothing was done: no event of '${consumer}' can go${noOpsText(started.leftOut, ': ')}`);
      return 1;
    case 'paused': {
      const { by: who, reason: why } = started.pause;
      console.note(
        `nothing was done: '${consumer}' is paused by ${who} (${why}) and would handle nothing; resume it first`,
      );
      return 1;
    }
    case 'contended':
      console.note(`nothing was done: other redrives of '${consumer}' began or ended at every attempt; try again`);
      return 1;
  }
}

/** The run, for commands that need its consumer. */
async function findRun(id: string, { runs: open, console }: Operation): Promise<StoredRun | undefined> {
  const stored = await open().find(id);
  if (stored === undefined) console.note(`there is no run '${id}': see redrive list`);
  return stored;
}

async function drive(
  id: string,
  note: { readonly by: string; readonly reason: string | undefined } | undefined,
  operation: Operation,
): Promise<ExitStatus> {
  const { console, operator } = operation;
  const stored = await findRun(id, operation);
  if (stored === undefined) return 1;
  const teller = stageTeller(operation);
  const signal = operation.onInterrupt();
  const deps = depsOf(stored.run.consumer, operation);
  const result = await resumeRedrive(deps, id, note, { driver: operator, signal, onProgress: teller });
  const run = runOf(result);
  if (run !== undefined) return tellRun({ run, driver: undefined, stopRequest: undefined }, operation, result.kind);
  console.note(refusalOf(id, result));
  return 1;
}

const runOf = (result: ResumeRedriveResult): RedriveRun | undefined => ('run' in result ? result.run : undefined);

function refusalOf(id: string, result: ResumeRedriveResult): string {
  switch (result.kind) {
    case 'driven':
      return `run ${id} is driven by ${result.driver.name}: see it with redrive watch ${id}; if that process is gone, try again in a minute`;
    case 'lost':
      return `run ${id} is driven by another process now: see it with redrive watch ${id}`;
    case 'contended':
      return `run ${id} goes no further: other redrives began or ended at every attempt; try again`;
    default:
      return `there is no run '${id}': see redrive list`;
  }
}

/** A line for each stage that has ended; a line that changes on a terminal. */
function stageTeller({ console }: Operation): (run: RedriveRun) => void {
  let told = 0;
  return (run) => {
    if (run.stage > told) console.note(stageText(run, told));
    told = run.stage;
    if (run.status === 'running') console.progress(stageText(run, run.stage));
  };
}

function tellRun(stored: StoredRun, operation: Operation, how?: string): ExitStatus {
  const { console, json, clock } = operation;
  const { run, driver } = stored;
  if (json) console.line(jsonText({ ...run, driver }));
  else for (const line of runText(stored, clock.now())) console.line(line);
  if (how === 'interrupted') console.note(`interrupted: continue with redrive resume ${run.id}`);
  return hasHandledAll(run) ? 0 : UNHANDLED;
}

async function list(
  { consumer, limit }: Extract<RedriveOptions, { verb: 'list' }>,
  operation: Operation,
): Promise<ExitStatus> {
  const { console, json, clock, environmentName } = operation;
  const stored = (await operation.runs().list(limit)).filter(
    ({ run }) => consumer === undefined || run.consumer === consumer,
  );
  if (json) {
    const runs = stored.map(({ run, driver }) => ({ ...run, driver }));
    tellJson(operation, { environment: environmentName, runs }, 'runs');
    return 0;
  }
  if (stored.length === 0) console.line('there is no run');
  else
    for (const row of columns([RUNS_HEADINGS, ...stored.map((each) => runRow(each, clock.now(), console))]))
      console.line(row);
  return 0;
}

async function show(id: string, operation: Operation): Promise<ExitStatus> {
  const stored = await findRun(id, operation);
  if (stored === undefined) return 1;
  tellRun(stored, operation);
  return 0;
}

const WATCH_MS = 1_000;

async function watch(id: string, operation: Operation): Promise<ExitStatus> {
  const { console, sleep, clock } = operation;
  const teller = stageTeller(operation);
  let isAbandoned = false;
  for (;;) {
    const stored = await findRun(id, operation);
    if (stored === undefined) return 1;
    teller(stored.run);
    if (stored.run.status !== 'running') return tellRun(stored, operation);
    const isDriven = stored.driver !== undefined && stored.driver.until >= clock.now();
    if (!isDriven && !isAbandoned) console.note(`nobody drives run ${id}: continue it with redrive resume ${id}`);
    isAbandoned = !isDriven;
    await sleep(WATCH_MS);
  }
}

async function stop(
  { id, reason, by }: Extract<RedriveOptions, { verb: 'stop' | 'resume' }>,
  operation: Operation,
): Promise<ExitStatus> {
  const { console, json, clock } = operation;
  const stored = await findRun(id, operation);
  if (stored === undefined) return 1;
  const deps = depsOf(stored.run.consumer, operation);
  const stopped = await stopRedrive(deps, id, { by: by ?? operation.operator, reason });
  if (json) console.line(jsonText({ id, ...stopped }));
  switch (stopped.kind) {
    case 'requested':
      if (!json) console.line(`${stopped.driver.name} stops run ${id} within seconds: see it with redrive watch ${id}`);
      return 0;
    case 'stopped':
      if (!json) for (const line of runText({ ...stored, run: stopped.run }, clock.now())) console.line(line);
      return 0;
    case 'over':
      console.note(`run ${id} is ${stopped.run.status}: there is nothing to stop`);
      return 1;
    case 'unknown':
      return 1;
  }
}

async function tidy(name: string, operation: Operation): Promise<ExitStatus> {
  const { console, json } = operation;
  const { deadLetters, handled, strict } = operation.consumer(name);
  const { deleted, left } = await tidyDeadLetters({ deadLetters, handled, strict });
  if (json) console.line(jsonText({ consumer: name, deleted, left }));
  else console.line(`deleted ${deleted} copies of handled events from the DLQ of '${name}'; ${left} messages are left`);
  return 0;
}
