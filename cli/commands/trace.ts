import { parseEvent } from '../../lib/event/index.ts';
import { findEvent, type Trace, type TracedEvent, traceCorrelation } from '../../lib/operations/index.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { COMMON, defineCommand } from '../command.ts';
import type { ExitStatus, Operation } from '../operation.ts';
import { UsageError } from '../usage-error.ts';
import { jsonText, timeText } from '../wording.ts';
import { outboxText, stateText } from './where.ts';

const DEFAULT_TRACED_EVENTS = 1_000;

export interface TraceOptions {
  readonly subject:
    | { readonly kind: 'correlation'; readonly correlationId: string }
    | { readonly kind: 'event'; readonly eventId: string };
  readonly limit: number;
  readonly mermaid: boolean;
}

export const traceCommand = defineCommand({
  name: 'trace',
  usage: 'trace CORRELATION_ID | trace --event EVENT_ID [--limit N] [--mermaid]',
  text: 'the events of a correlation as a tree of causes and effects, and where each is',
  more: [
    "Every log line of an event has its correlation id. Needs the setting eventIndexes with the value 'all'; events that were",
    'committed before it was deployed are not shown. Times are between commits, and from the commit to the end of the handler.',
  ],
  options: {
    event: { value: 'EVENT_ID', text: 'the correlation of this event' },
    limit: { value: 'N', text: `how many events at most, 1 to 100000 (default: ${DEFAULT_TRACED_EVENTS})` },
    mermaid: { text: 'print a flowchart for Mermaid' },
    ...COMMON,
  },
  words: 1,
  rights: [
    { on: 'outbox', actions: ['dynamodb:GetItem', 'dynamodb:BatchGetItem'] },
    { on: 'outbox-indexes', actions: ['dynamodb:Query'] },
    { on: 'pending', actions: ['dynamodb:GetItem'] },
    { on: 'inbox', actions: ['dynamodb:GetItem'] },
    { on: 'cursors', actions: ['dynamodb:BatchGetItem'] },
    { on: 'queues', actions: ['sqs:GetQueueAttributes'] },
  ],
  read: readTrace,
  run: trace,
});

function readTrace(given: Arguments): TraceOptions {
  const [correlationId] = given.positionals;
  const eventId = given.text('event');
  if ((correlationId === undefined) === (eventId === undefined)) {
    given.refuse('trace needs a correlation id, or --event EVENT_ID');
  }
  if (given.has('mermaid') && (given.has('json') || given.has('output'))) {
    given.refuse('--mermaid and --output exclude each other: give one of them');
  }
  return {
    subject:
      eventId === undefined ? { kind: 'correlation', correlationId: correlationId ?? '' } : { kind: 'event', eventId },
    limit: given.number('limit', { min: 1, max: 100_000, whole: true }) ?? DEFAULT_TRACED_EVENTS,
    mermaid: given.has('mermaid'),
  };
}

export async function trace({ subject, limit, mermaid }: TraceOptions, operation: Operation): Promise<ExitStatus> {
  const { console, json, log, markers, consumers, clock } = operation;
  const index = operation.index('correlation');
  if (index === undefined) {
    throw new UsageError(
      "the outbox log is not indexed by correlation: deploy the hub with the setting eventIndexes 'all' (docs/operations.md)",
    );
  }
  const correlationId =
    subject.kind === 'correlation' ? subject.correlationId : await correlationOf(subject.eventId, operation);
  if (correlationId === undefined) {
    console.note(`the log holds no event '${subject.kind === 'event' ? subject.eventId : ''}': see where`);
    return 1;
  }
  const onProgress = (events: number) => console.progress(`${events} events`);
  const found = await traceCorrelation(correlationId, { index, log, markers, consumers, clock }, { limit, onProgress });
  if (json) console.line(jsonText(found));
  else if (found.events === 0) console.note(`the log holds no event of correlation '${correlationId}'`);
  else for (const line of mermaid ? mermaidText(found) : traceText(found, clock.now())) console.line(line);
  if (found.isCut) console.note(`there are more than ${limit} events: see them with --limit`);
  return found.events === 0 ? 1 : 0;
}

async function correlationOf(eventId: string, operation: Operation): Promise<string | undefined> {
  const { log, clock, outboxRetentionSeconds } = operation;
  const found = await findEvent(
    eventId,
    { log, waiting: [], index: operation.index('id'), clock, retentionMs: outboxRetentionSeconds * 1_000 },
    { maxReadUnits: 0, segments: 1 },
  );
  if (found.kind !== 'found') return undefined;
  const event = await log.find(found.event);
  return event && parseEvent(event.body).correlationid;
}

/** Each event on a line, below its cause, and its state at each consumer. */
function traceText({ correlationId, events, roots }: Trace, now: EpochMs): readonly string[] {
  const lines = [`correlation ${correlationId}: ${events} ${events === 1 ? 'event' : 'events'}`, ''];
  const add = (traced: TracedEvent, indent: string) => {
    const { event, outbox, consumers, effects } = traced;
    lines.push(`${indent}${event.type}  ${event.id}  ${event.group} ${event.sequence}  ${sinceText(traced)}`);
    if (outbox.kind !== 'published') lines.push(`${indent}  ${outboxText(outbox)}`);
    for (const { name, state } of consumers) {
      if (state.kind === 'not-subscribed') continue;
      const text = state.kind === 'handled' ? handledText(event.committedAt, state.at) : stateText(state, now);
      lines.push(`${indent}  ${name}: ${text}`);
    }
    for (const effect of effects) add(effect, `${indent}    `);
  };
  for (const root of roots) add(root, '');
  return lines;
}

function sinceText({ event, causationId, afterCauseMs }: TracedEvent): string {
  if (afterCauseMs !== undefined) return `${msText(afterCauseMs)} after its cause`;
  const at = `committed ${timeText(event.committedAt)}`;
  return causationId === undefined ? at : `${at}, caused by ${causationId}, which is not shown`;
}

/** The inbox knows whole seconds. */
function handledText(committedAt: EpochMs, at: EpochMs): string {
  const seconds = Math.round((at - committedAt) / 1_000);
  return `handled ${seconds < 1 ? 'less than 1 s' : durationText(seconds)} after its commit`;
}

const durationText = (seconds: number): string => (seconds < 60 ? `${seconds} s` : msText(seconds * 1_000));

/** `340 ms`, `1.2 s`, `3 min` */
function msText(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.floor(ms / 60_000)} min`;
}

/** @see https://mermaid.js.org/syntax/flowchart.html */
function mermaidText({ roots }: Trace): readonly string[] {
  const lines = ['flowchart TD'];
  let number = 0;
  const add = ({ event, afterCauseMs, consumers, effects }: TracedEvent, cause: string | undefined) => {
    const id = `e${++number}`;
    lines.push(`  ${id}["${quoted(`${event.type}\n${event.group} ${event.sequence}`)}"]`);
    if (cause !== undefined) lines.push(`  ${cause} -->|"${msText(afterCauseMs ?? 0)}"| ${id}`);
    for (const { name, state } of consumers) {
      if (state.kind === 'not-subscribed') continue;
      lines.push(`  ${id} -.->|"${quoted(state.kind)}"| c_${id}_${++number}(["${quoted(name)}"])`);
    }
    for (const effect of effects) add(effect, id);
  };
  for (const root of roots) add(root, undefined);
  return lines;
}

/** A label's text: quotes would end it, and markup would be taken as such. */
const quoted = (text: string): string =>
  text.replace(/[&"<>#]/g, (character) => `#${character.charCodeAt(0)};`).replaceAll('\n', '<br/>');
