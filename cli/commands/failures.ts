import type { FailureNote } from '../../lib/consumer/index.ts';
import { maskedData, parseEvent } from '../../lib/event/index.ts';
import {
  countFailures,
  type Failure,
  type FailureFilter,
  type FailureGroup,
  listFailures,
  whereIs,
} from '../../lib/operations/index.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, defineCommand } from '../command.ts';
import { FAILURE_FILTER, filterAt, type GivenFilter, readFailureFilter } from '../failure-filter.ts';
import type { OperatedConsumer } from '../operated-consumer.ts';
import { type ExitStatus, type Operation, tellJson } from '../operation.ts';
import { ageText, attemptsText, cellText, jsonText, reasonText, timeText } from '../wording.ts';
import { whereaboutsText } from './where.ts';

const DEFAULT_LISTED_FAILURES = 100;

export interface FailuresOptions extends GivenFilter {
  readonly consumer: string | undefined;
  readonly mode: 'count' | 'list' | 'show';
  /** Of `show`: the id of an event, or `message:` and the id of a message; else empty. */
  readonly subject: string;
  readonly limit: number;
}

const FAILURES_VERBS = ['list', 'show'] as const;
const LIST_OPTIONS = [...Object.keys(FAILURE_FILTER), 'each', 'limit'];

export const failuresCommand = defineCommand({
  name: 'failures',
  usage:
    'failures [list] [--consumer NAME] [--fingerprint ID | --each] [--type TYPE] [--tenant ID] [--state STATE] [--older-than AGE] | failures show ID [--consumer NAME]',
  text: 'count what fails by its cause, list the events, and show one',
  more: [
    'Without --fingerprint or --each it counts: failures have the same fingerprint if their error has the same code, and',
    'the same message except for values, numbers, ids and times. BEHIND counts the later places of held groups. Includes',
    'events of strict and fifo consumers, events without a group, and messages that hold no event. show prints the notes',
    'of one event, with the stack, and where the event is at each consumer. Nothing is received from a queue.',
  ],
  options: {
    consumer: { value: 'NAME', text: 'only this consumer' },
    each: { text: 'list every failure that matches' },
    ...FAILURE_FILTER,
    fingerprint: { value: 'ID', text: 'list the failures with this fingerprint' },
    limit: { value: 'N', text: `how many to list, 1 to 1000000 (default: ${DEFAULT_LISTED_FAILURES})` },
    ...COMMON,
  },
  words: 2,
  verbs: FAILURES_VERBS,
  rights: [
    { on: 'outbox', actions: ['dynamodb:GetItem'] },
    { on: 'pending', actions: ['dynamodb:GetItem'] },
    { on: 'inbox', actions: ['dynamodb:GetItem', 'dynamodb:BatchGetItem'] },
    { on: 'inbox-indexes', actions: ['dynamodb:Query'] },
    { on: 'cursors', actions: ['dynamodb:BatchGetItem'] },
    { on: 'queues', actions: ['sqs:GetQueueAttributes'] },
  ],
  read: readFailures,
  run: failures,
});

function readFailures(given: Arguments): FailuresOptions {
  const [word = 'list', subject = ''] = given.positionals;
  const verb = FAILURES_VERBS.find((each) => each === word);
  if (verb === undefined) given.refuse(`failures needs one of ${FAILURES_VERBS.join(', ')}, got '${word}'`);
  if (verb === 'list' && subject !== '') given.refuse(`unexpected argument '${subject}'`);
  if (verb === 'show') {
    if (subject === '') given.refuse('failures show needs the id of an event, as failures list shows it');
    for (const option of LIST_OPTIONS) if (given.has(option)) given.refuse(`--${option} is for failures list only`);
  }
  const { filter, olderThanMs } = readFailureFilter(given);
  const counts = filter.fingerprint === undefined && !given.has('each');
  const listMode = counts ? 'count' : 'list';
  const mode = verb === 'show' ? 'show' : listMode;
  if (mode === 'count' && given.has('limit')) given.refuse('--limit needs --each or --fingerprint');
  return {
    consumer: given.text('consumer'),
    mode,
    subject,
    filter,
    olderThanMs,
    limit: given.number('limit', { min: 1, max: 1_000_000, whole: true }) ?? DEFAULT_LISTED_FAILURES,
  };
}

const PATTERN_WIDTH = 60;

export async function failures(options: FailuresOptions, operation: Operation): Promise<ExitStatus> {
  const { consumer, mode, subject } = options;
  const filter = filterAt(options, operation.clock.now());
  const consumers = consumer === undefined ? operation.consumers : [operation.consumer(consumer)];
  if (mode === 'show') return show(subject, consumers, operation);
  if (mode === 'count') tellGroups(await groupsOf(consumers, filter, operation), operation);
  else await tellEach(consumers, filter, options.limit, operation);
  return 0;
}

const depsOf = ({ name, failures, handled, strict }: OperatedConsumer) => ({
  consumer: name,
  failures,
  handled,
  cursors: strict?.cursors,
});

async function groupsOf(
  consumers: readonly OperatedConsumer[],
  filter: FailureFilter,
  { console }: Operation,
): Promise<readonly FailureGroup[]> {
  const groups: FailureGroup[] = [];
  for (const consumer of consumers) {
    const progress = (count: number) => console.progress(`${consumer.name}: ${count} failures`);
    groups.push(...(await countFailures(depsOf(consumer), filter, progress)));
  }
  return groups.toSorted((one, other) => other.count - one.count);
}

function tellGroups(groups: readonly FailureGroup[], operation: Operation): void {
  const { console, json, clock, environmentName } = operation;
  if (json) {
    tellJson(operation, { environment: environmentName, failures: groups }, 'failures');
    return;
  }
  if (groups.length === 0) {
    console.line('no event fails');
    return;
  }
  const hasPlaces = groups.some(({ example }) => example.thrownAt !== undefined);
  const rows = groups.map(({ states, types, example, ...group }) => [
    group.fingerprint ?? '(older)',
    group.consumer,
    String(group.count),
    ...[states.dead, states.retrying, states.deferred, group.behind].map(String),
    ageText(group.firstAt, clock.now()),
    ageText(group.lastAt, clock.now()),
    typesText(types),
    ...(hasPlaces ? [example.thrownAt ?? ''] : []),
    cellText(`${group.code}: ${group.pattern ?? ''}`, PATTERN_WIDTH, console),
  ]);
  const headings = [
    ...['FINGERPRINT', 'CONSUMER', 'COUNT', 'DEAD', 'RETRYING', 'DEFERRED', 'BEHIND', 'FIRST', 'LAST', 'TYPE'],
    ...(hasPlaces ? ['THROWN AT'] : []),
    'ERROR',
  ];
  for (const row of columns([headings, ...rows])) console.line(row);
}

function typesText(types: FailureGroup['types']): string {
  const [first = '', ...others] = Object.keys(types);
  const text = first === '' ? '(no event)' : first;
  return others.length === 0 ? text : `${text} and ${others.length} more`;
}

async function tellEach(
  consumers: readonly OperatedConsumer[],
  filter: FailureFilter,
  limit: number,
  operation: Operation,
): Promise<void> {
  const { console, json, clock, environmentName } = operation;
  const { listed, isCut } = await upTo(limit, consumers, filter);
  if (json) {
    tellJson(operation, { environment: environmentName, failures: listed, more: isCut }, 'failures');
    return;
  }
  if (listed.length === 0) {
    console.line('no event fails like this');
    return;
  }
  const hasTenants = listed.some(({ tenantId }) => tenantId !== undefined);
  const rows = listed.map((failure) => [
    failure.consumer,
    ...(hasTenants ? [failure.tenantId ?? ''] : []),
    failure.subject,
    failure.event?.type ?? '(no event)',
    failure.event?.group ?? '',
    String(failure.event?.sequence ?? ''),
    failure.state,
    String(failure.attempts),
    String(failure.behind),
    ageText(failure.firstAt, clock.now()),
    ageText(failure.lastAt, clock.now()),
    failure.code,
  ]);
  const headings = [
    'CONSUMER',
    ...(hasTenants ? ['TENANT'] : []),
    ...['EVENT', 'TYPE', 'GROUP', 'SEQUENCE', 'STATE', 'ATTEMPTS', 'BEHIND', 'FIRST', 'LAST', 'CODE'],
  ];
  for (const row of columns([headings, ...rows])) console.line(row);
  if (isCut) console.note(`more than ${limit} match: see them with --limit, or count them without --each`);
}

/** The first failures that are found, those of longest standing first. */
async function upTo(limit: number, consumers: readonly OperatedConsumer[], filter: FailureFilter) {
  const listed: Failure[] = [];
  for (const consumer of consumers) {
    for await (const page of listFailures(depsOf(consumer), filter)) {
      listed.push(...page);
      if (listed.length > limit) break;
    }
    if (listed.length > limit) break;
  }
  const isCut = listed.length > limit;
  return { listed: listed.slice(0, limit).toSorted((one, other) => one.firstAt - other.firstAt), isCut };
}

/** Shows the notes about an event, or about a message that holds none, and where the event is. */
async function show(
  subject: string,
  consumers: readonly OperatedConsumer[],
  operation: Operation,
): Promise<ExitStatus> {
  const { console, json, clock, log, markers } = operation;
  const found = await Promise.all(
    consumers.map(async ({ name, notes }) => ({ name, note: await notes.find(subject) })),
  );
  const noted = found.flatMap(({ name, note }) => (note === undefined ? [] : [{ consumer: name, ...note }]));
  const [place] = noted.flatMap(({ event }) => event ?? []);
  const event = place && (await log.find(place));
  const whereabouts = event && (await whereIs(event, { log, markers, consumers: operation.consumers, clock }));
  if (json) {
    console.line(jsonText({ subject, failures: noted, where: whereabouts, data: event && maskedBody(event.body) }));
    return noted.length === 0 ? 1 : 0;
  }
  if (noted.length === 0) {
    console.note(`no consumer has noted a failure of '${subject}': see where, or failures list --each for what fails`);
    return 1;
  }
  for (const note of noted) for (const line of noteText(note, clock.now())) console.line(line);
  if (event !== undefined) for (const line of dataText(event.body)) console.line(line);
  if (whereabouts !== undefined) for (const line of whereaboutsText(whereabouts, clock.now())) console.line(line);
  else if (place !== undefined) console.line('the log no longer has the event: its time is over');
  return 0;
}

/** The event's data; undefined if it is no event that can be read. */
function maskedBody(body: string): unknown {
  try {
    return maskedData(parseEvent(body));
  } catch {
    // what is wrong with it is the failure itself
    return undefined;
  }
}

function dataText(body: string): readonly string[] {
  const data = maskedBody(body);
  return data === undefined ? [] : ['data', ...JSON.stringify(data, undefined, 2).split('\n'), ''];
}

function noteText(note: FailureNote & { readonly consumer: string }, now: EpochMs): readonly string[] {
  const { state, deferred, resolvedAt, fingerprint, stackHead } = note;
  const open = deferred === true ? 'deferred: it waits for something else' : state;
  const stands = resolvedAt === undefined ? open : `handled or skipped at ${timeText(resolvedAt)}`;
  const facts = [
    ['consumer', note.consumer],
    ['state', `${stands}, ${attemptsText(note.attempts)}`],
    ['failed', `first ${timeText(note.firstAt)} (${ageText(note.firstAt, now)} ago), last ${timeText(note.lastAt)}`],
    ['error', reasonText(note)],
    ...(note.thrownAt === undefined ? [] : [['thrown at', note.thrownAt]]),
    ...(fingerprint === undefined ? [] : [['fingerprint', fingerprint]]),
    ...(note.tenantId === undefined ? [] : [['tenant', note.tenantId]]),
  ];
  return [...columns(facts), ...stackHead.split('\n').slice(1), ''];
}
