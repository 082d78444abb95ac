import { pauseConsumer, pauseGroup, resumeConsumer, resumeGroup } from '../../lib/operations/index.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, CONSUMER, defineCommand } from '../command.ts';
import type { OperatedConsumer } from '../operated-consumer.ts';
import { type ExitStatus, isStrict, type Operation, strictConsumer, tellJson } from '../operation.ts';
import { ageText, jsonText, resendFacts, resendText, timeText } from '../wording.ts';

export type PauseOptions =
  | { readonly verb: 'list'; readonly consumer: string | undefined }
  | {
      readonly verb: 'pause';
      readonly consumer: string;
      /** Undefined: the whole consumer. */
      readonly group: string | undefined;
      readonly reason: string;
      readonly by: string | undefined;
    };

export interface ResumeOptions {
  readonly consumer: string;
  /** Undefined: the whole consumer. */
  readonly group: string | undefined;
  readonly by: string | undefined;
}

export const pauseCommand = defineCommand({
  name: 'pause',
  usage: 'pause --consumer NAME [--group GROUP] --reason TEXT [--by NAME] | pause list [--consumer NAME]',
  text: 'let a consumer wait, or one group of it, and list what is paused',
  more: [
    'A paused consumer receives no messages; they wait in its queue, no longer than the queue keeps them. What was',
    'received is still handled. While a group is paused, its events are recorded as seen and wait in the log. Their',
    'messages are deleted, so that they use up no receives and cannot become dead letters. Other groups flow. An event',
    'that is being handled at this moment either commits first or waits, too.',
  ],
  options: {
    consumer: { value: 'NAME', text: 'consumer (required; for list: only this one)' },
    group: { value: 'GROUP', text: 'only this group' },
    reason: { value: 'TEXT', text: 'why (required)' },
    by: { value: 'NAME', text: 'who decided it (default: user and host)' },
    ...COMMON,
  },
  words: 1,
  verbs: ['list'],
  rights: [
    { on: 'inbox', actions: ['dynamodb:GetItem', 'dynamodb:PutItem'] },
    { on: 'cursors', actions: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'] },
    { on: 'cursors-indexes', actions: ['dynamodb:Query'] },
    { on: 'queues', actions: ['sqs:GetQueueAttributes'] },
    { on: 'event-source-mappings', actions: ['lambda:UpdateEventSourceMapping'] },
    { on: 'functions', actions: ['lambda:ListEventSourceMappings'] },
  ],
  read: readPause,
  run: pause,
});

function readPause(given: Arguments): PauseOptions {
  const [word] = given.positionals;
  if (word !== undefined && word !== 'list') given.refuse(`pause needs list or no verb, got '${word}'`);
  if (word === 'list') {
    for (const option of ['group', 'reason', 'by'] as const) {
      if (given.has(option)) given.refuse(`--${option} is not for pause list`);
    }
    return { verb: 'list', consumer: given.text('consumer') };
  }
  return {
    verb: 'pause',
    consumer: given.needed('consumer'),
    group: given.text('group'),
    reason: given.needed('reason'),
    by: given.text('by'),
  };
}

export const resumeCommand = defineCommand({
  name: 'resume',
  usage: 'resume --consumer NAME [--group GROUP] [--by NAME]',
  text: 'end the pause of a consumer, or of a group',
  more: [
    'Sends the next event of the group to the consumer, which reads the others from the log in order. The record of who',
    'paused and resumed it, when and why does not expire. Safe to repeat: if the command was interrupted, the same',
    'command ends it.',
  ],
  options: {
    consumer: CONSUMER,
    group: { value: 'GROUP', text: 'the group, as pause list shows it; without it, the consumer' },
    by: { value: 'NAME', text: 'who decided it (default: user and host)' },
    ...COMMON,
  },
  rights: [
    { on: 'outbox', actions: ['dynamodb:GetItem', 'dynamodb:Query'] },
    { on: 'inbox', actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'] },
    { on: 'cursors', actions: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'] },
    { on: 'queues', actions: ['sqs:SendMessage'] },
    { on: 'event-source-mappings', actions: ['lambda:UpdateEventSourceMapping'] },
    { on: 'functions', actions: ['lambda:ListEventSourceMappings'] },
  ],
  read: readResume,
  run: resume,
});

function readResume(given: Arguments): ResumeOptions {
  return {
    consumer: given.needed('consumer'),
    group: given.text('group'),
    by: given.text('by'),
  };
}

export async function pause(options: PauseOptions, operation: Operation): Promise<ExitStatus> {
  if (options.verb === 'list') return list(options.consumer, operation);
  const { consumer, group, reason, by = operation.operator } = options;
  return group === undefined
    ? pauseWhole(operation.consumer(consumer), { reason, by }, operation)
    : pauseOne(consumer, { group, reason, by }, operation);
}

export async function resume(options: ResumeOptions, operation: Operation): Promise<ExitStatus> {
  const { consumer, group, by = operation.operator } = options;
  return group === undefined
    ? resumeWhole(operation.consumer(consumer), by, operation)
    : resumeOne(consumer, { group, by }, operation);
}

async function pauseWhole(
  { name, pause: deps }: OperatedConsumer,
  request: { readonly by: string; readonly reason: string },
  { console, json, clock }: Operation,
): Promise<ExitStatus> {
  const now = clock.now();
  const held = await pauseConsumer({ consumer: name, ...deps, clock }, request);
  if (json) {
    console.line(jsonText({ consumer: name, pause: held }));
    return 0;
  }
  console.line(
    held.since < now
      ? `'${name}' has been paused by ${held.by} since ${timeText(held.since)}: ${held.reason}`
      : `paused '${name}': within a minute or so it receives no more messages; see pause list, and resume`,
  );
  return 0;
}

async function resumeWhole(
  { name, pause: deps }: OperatedConsumer,
  by: string,
  { console, json, clock }: Operation,
): Promise<ExitStatus> {
  const record = await resumeConsumer({ consumer: name, ...deps, clock }, { by });
  if (json) console.line(jsonText({ consumer: name, record }));
  else {
    console.line(
      record === undefined
        ? `'${name}' was not paused; its queue is polled`
        : `resumed '${name}', paused by ${record.by} for ${ageText(record.since, clock.now())}`,
    );
  }
  return 0;
}

async function pauseOne(
  name: string,
  request: { readonly group: string; readonly by: string; readonly reason: string },
  operation: Operation,
): Promise<ExitStatus> {
  const { console, json, clock } = operation;
  const { cursors } = strictConsumer(operation, name).strict;
  const { group } = request;
  const result = await pauseGroup({ cursors, clock }, request);
  if (json) {
    console.line(jsonText({ consumer: name, group, ...result }));
    return result.kind === 'paused' || result.kind === 'paused-before' ? 0 : 1;
  }
  switch (result.kind) {
    case 'paused':
      console.line(
        `paused group ${group} for '${name}' after event ${result.cursor.processed}: see pause list, and resume`,
      );
      return 0;
    case 'paused-before': {
      const { by, since, reason } = result.pause;
      console.line(`group ${group} has been paused for '${name}' by ${by} since ${timeText(since)}: ${reason}`);
      return 0;
    }
    case 'unknown':
      console.note(`nothing was done: '${name}' has not received an event of group ${group} yet`);
      return 1;
    case 'contended':
      console.note('nothing was done: the group moved at every attempt; try again');
      return 1;
  }
}

async function resumeOne(
  name: string,
  { group, by }: { readonly group: string; readonly by: string },
  operation: Operation,
): Promise<ExitStatus> {
  const { console, json, clock, log } = operation;
  const { queue, takes, strict } = strictConsumer(operation, name);
  const { cursors, pauses } = strict;
  const result = await resumeGroup({ consumer: name, cursors, pauses, log, queue, takes, clock }, { group, by });
  if (result.kind === 'contended') {
    if (json) console.line(jsonText({ consumer: name, group, ...result }));
    else console.note('nothing was done: the group moved at every attempt; try again');
    return 1;
  }
  const { resent } = result;
  if (json) {
    console.line(jsonText({ consumer: name, group, ...result, resent: resent && resendFacts(resent) }));
    return 0;
  }
  const next = resent === undefined ? 'nothing was sent' : resendText(resent);
  const what =
    result.kind === 'resumed'
      ? `resumed group ${group} for '${name}', paused by ${result.record.by} for ${ageText(result.record.since, clock.now())}`
      : `group ${group} is not paused for '${name}'`;
  console.line(`${what}; ${next}`);
  return 0;
}

/** A paused consumer, or a paused group of one. */
interface Paused {
  readonly consumer: string;
  readonly group: string | undefined;
  readonly since: EpochMs;
  readonly by: string;
  readonly reason: string;
  /** Messages in the queue, or places of the group. */
  readonly behind: number;
}

async function list(consumer: string | undefined, operation: Operation): Promise<ExitStatus> {
  const { console, json, clock, environmentName } = operation;
  const consumers = consumer === undefined ? operation.consumers : [operation.consumer(consumer)];
  const found = await Promise.all(consumers.map(pausedOf));
  const paused = found.flat().toSorted((one, other) => one.since - other.since);
  if (json) {
    tellJson(operation, { environment: environmentName, paused }, 'paused');
    return 0;
  }
  if (paused.length === 0) {
    console.line('nothing is paused');
    return 0;
  }
  const rows = paused.map(({ consumer: name, group, since, behind, by, reason }) => [
    name,
    group ?? '(all)',
    ageText(since, clock.now()),
    String(behind),
    by,
    reason,
  ]);
  for (const row of columns([['CONSUMER', 'GROUP', 'SINCE', 'BEHIND', 'BY', 'REASON'], ...rows])) console.line(row);
  return 0;
}

async function pausedOf(consumer: OperatedConsumer): Promise<readonly Paused[]> {
  const { name, pause: whole, depths } = consumer;
  const held = await whole.store.find();
  const paused: Paused[] = [];
  if (held !== undefined) {
    const { visible, inFlight } = await depths.queue();
    paused.push({ consumer: name, group: undefined, ...held, behind: visible + inFlight });
  }
  if (!isStrict(consumer)) return paused;
  for await (const page of consumer.strict.paused.list()) {
    for (const { group, cursor } of page) {
      paused.push({ consumer: name, group, ...cursor.paused, behind: cursor.seen - cursor.processed });
    }
  }
  return paused;
}
