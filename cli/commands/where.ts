import {
  type ConsumerState,
  type FoundEvent,
  findEvent,
  type OutboxState,
  type Whereabouts,
  whereIs,
} from '../../lib/operations/index.ts';
import type { EventSummary } from '../../lib/outbox/event-record.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, defineCommand, SEQUENCE } from '../command.ts';
import { type ExitStatus, isStrict, type Operation } from '../operation.ts';
import { ageText, attemptsText, jsonText, reasonText, timeText } from '../wording.ts';

const DEFAULT_MAX_READ_UNITS = 50_000;

export interface WhereOptions {
  readonly subject:
    | { readonly kind: 'id'; readonly eventId: string; readonly group: string | undefined }
    | { readonly kind: 'place'; readonly group: string; readonly sequence: number };
  readonly maxReadUnits: number;
}

export const whereCommand = defineCommand({
  name: 'where',
  usage: 'where EVENT_ID [--group GROUP] | where --group GROUP --sequence N',
  text: 'where an event is: in the outbox, and at each consumer',
  more: [
    'With group and sequence (every log line of an event has them), it needs a few reads. With the id alone it needs the',
    'setting eventIndexes; without, it looks through the held groups first and then scans the log: 131,000 read units,',
    '0.016 USD, per GiB of the log.',
  ],
  options: {
    group: { value: 'GROUP', text: "the event's group" },
    sequence: { value: 'N', text: 'its sequence in the group' },
    'max-read-units': {
      value: 'N',
      text: `where a scan stops, 1 to 1000000000 (default: ${DEFAULT_MAX_READ_UNITS})`,
    },
    ...COMMON,
  },
  words: 1,
  rights: [
    { on: 'outbox', actions: ['dynamodb:GetItem', 'dynamodb:Query'] },
    { on: 'unindexed-outbox', actions: ['dynamodb:Scan'] },
    { on: 'outbox-indexes', actions: ['dynamodb:Query'] },
    { on: 'pending', actions: ['dynamodb:GetItem'] },
    { on: 'inbox', actions: ['dynamodb:GetItem'] },
    { on: 'cursors', actions: ['dynamodb:BatchGetItem'] },
    { on: 'cursors-indexes', actions: ['dynamodb:Query'] },
    { on: 'queues', actions: ['sqs:GetQueueAttributes'] },
  ],
  read: readWhere,
  run: where,
});

function readWhere(given: Arguments): WhereOptions {
  const [eventId] = given.positionals;
  const group = given.text('group');
  const sequence = given.number('sequence', SEQUENCE);
  const maxReadUnits =
    given.number('max-read-units', { min: 1, max: 1_000_000_000, whole: true }) ?? DEFAULT_MAX_READ_UNITS;
  if (eventId !== undefined) {
    if (given.has('sequence')) given.refuse('an event id and --sequence exclude each other: give one of them');
    return { subject: { kind: 'id', eventId, group }, maxReadUnits };
  }
  if (group === undefined || !given.has('sequence')) {
    given.refuse('where needs an event id, or --group GROUP and --sequence N');
  }
  return { subject: { kind: 'place', group: group ?? '', sequence: sequence ?? 0 }, maxReadUnits };
}

/** Number of segments of the log that are scanned in parallel. */
const SEGMENTS = 4;

type Search = FoundEvent | { readonly kind: 'no-such-place' };

export async function where(options: WhereOptions, operation: Operation): Promise<ExitStatus> {
  const { console, json, log, markers, consumers, clock } = operation;
  const search = await find(options, operation);
  if (search.kind !== 'found') {
    if (json) console.line(jsonText(search));
    else console.note(searchText(search, options));
    return 1;
  }
  const found = await whereIs(search.event, { log, markers, consumers, clock });
  if (json) {
    console.line(jsonText(found));
    return 0;
  }
  for (const line of whereaboutsText(found, clock.now())) console.line(line);
  return 0;
}

/** The event's facts, its state in the outbox, and its state at each consumer. */
export function whereaboutsText({ event, outbox, consumers }: Whereabouts, now: EpochMs): readonly string[] {
  const facts = [
    ['event', `${event.id}, ${event.sequence} of group ${event.group}`],
    ['type', `${event.type} from ${event.source}`],
    ['committed', `${timeText(event.committedAt)}, ${ageText(event.committedAt, now)} ago`],
    ['outbox', outboxText(outbox)],
  ];
  const states = consumers.map(({ name, state }) => [name, stateText(state, now)]);
  return columns([...facts, [], ...states]);
}

async function find({ subject, maxReadUnits }: WhereOptions, operation: Operation): Promise<Search> {
  const { log, consumers, clock, console, outboxRetentionSeconds } = operation;
  if (subject.kind === 'place') {
    const event: EventSummary | undefined = await log.find(subject);
    return event === undefined ? { kind: 'no-such-place' } : { kind: 'found', event };
  }
  const waiting = consumers.filter(isStrict).map(({ strict }) => strict.waiting);
  return findEvent(
    subject.eventId,
    { log, waiting, index: operation.index('id'), clock, retentionMs: outboxRetentionSeconds * 1000 },
    {
      group: subject.group,
      maxReadUnits,
      segments: SEGMENTS,
      onProgress: ({ items, readUnits }) =>
        console.progress(
          `scanning the log: ${items} items, ${Math.ceil(readUnits)} of at most ${maxReadUnits} read units`,
        ),
    },
  );
}

function searchText(search: Exclude<Search, { kind: 'found' }>, { subject }: WhereOptions): string {
  switch (search.kind) {
    case 'no-such-place':
      return subject.kind === 'place'
        ? `the log holds no event ${subject.sequence} of group ${subject.group}: it was never committed, or its time in the log is over`
        : '';
    case 'expired':
      return `the event's id was made at ${timeText(search.createdAt)}: its time in the log is over`;
    case 'absent':
      return subject.kind === 'id' && subject.group !== undefined
        ? `group ${subject.group} holds no event of that id in the log`
        : `the log holds no event of that id (${search.items} items read): it was never committed, was committed only a moment ago, or its time in the log is over`;
    case 'given-up':
      return `not found in ${search.items} items (${Math.ceil(search.readUnits)} read units), and there are more: give --group, or --group and --sequence (every log line of the event has them), or raise --max-read-units`;
  }
}

export function outboxText(outbox: OutboxState): string {
  switch (outbox.kind) {
    case 'published':
      return 'published';
    case 'pending':
      return 'pending: the relay has not published it yet';
    case 'quarantined':
      return `quarantined at ${timeText(outbox.at)}: ${reasonText(outbox.reason)}`;
  }
}

export function stateText(state: ConsumerState, now: EpochMs): string {
  switch (state.kind) {
    case 'not-subscribed':
      return 'not subscribed';
    case 'handled':
      return `handled at ${timeText(state.at)}`;
    case 'skipped-by-handler':
      return `skipped by its handler at ${timeText(state.at)}: ${state.reason}`;
    case 'skipped':
      return `skipped by ${state.record.by} at ${timeText(state.record.at)}: ${state.record.reason}`;
    case 'passed':
      return 'passed: the cursor is past it, and the inbox has no record of it any more';
    case 'in-progress':
      return `being handled, until ${timeText(state.until)} at the latest`;
    case 'died':
      return `open: its execution crashed, at ${timeText(state.until)} at the latest; its message will be received again; if it is not, see audit and resend`;
    case 'dead':
    case 'retrying': {
      const times =
        state.note === undefined ? '' : ` (first ${timeText(state.note.firstAt)}, last ${timeText(state.note.lastAt)})`;
      return `${state.kind} after ${attemptsText(state.attempts)}${times}: ${reasonText(state.reason, state.thrownAt)}`;
    }
    case 'held': {
      const {
        sequence,
        eventId = 'no longer in the log',
        state: blockingState,
        since,
        reason,
        thrownAt,
      } = state.behind;
      return `held behind event ${sequence} (${eventId}), ${blockingState} for ${ageText(since, now)}: ${reasonText(reason, thrownAt)}`;
    }
    case 'paused':
      return `paused by ${state.pause.by} at ${timeText(state.pause.since)}: ${state.pause.reason}`;
    case 'seen':
      return 'seen: the consumer will read it from the log in order';
    case 'not-published':
      return 'not published yet';
    case 'under-way':
      return `under way: neither handled nor failed, the queue holds ${state.queue.visible} messages and ${state.queue.inFlight} in flight`;
    case 'unknown':
      return 'unknown: published, neither handled nor failed, and the queue is empty: if it stays so, its message was lost; see audit and resend';
  }
}
