import {
  PUBLISHERS,
  type Publisher,
  pauseConsumer,
  pauseGroup,
  resumeConsumer,
  resumeGroup,
} from '../../lib/operations/index.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { COMMON, defineCommand } from '../command.ts';
import type { OperatedConsumer } from '../operated-consumer.ts';
import { type ExitStatus, type Operation, strictConsumer } from '../operation.ts';
import { ageText, jsonText, resendFacts, resendText, timeText } from '../wording.ts';
import { listPaused } from './paused.ts';

export type PauseOptions =
  | { readonly verb: 'list'; readonly consumer: string | undefined }
  | {
      readonly verb: 'pause';
      /** Of a consumer: its name. */
      readonly consumer: string;
      /** Undefined: a consumer. */
      readonly publisher?: Publisher | undefined;
      /** Undefined: the whole consumer. */
      readonly group: string | undefined;
      readonly reason: string;
      readonly by: string | undefined;
    };

export interface ResumeOptions {
  /** Of a consumer: its name. */
  readonly consumer: string;
  /** Undefined: a consumer. */
  readonly publisher?: Publisher | undefined;
  /** Undefined: the whole consumer. */
  readonly group: string | undefined;
  readonly by: string | undefined;
}

const PUBLISHER_OPTIONS = {
  relay: { text: 'the relay, which publishes the events of the outbox' },
  sweeper: { text: 'the sweeper, which publishes what the relay has not' },
} as const;

export const pauseCommand = defineCommand({
  name: 'pause',
  usage:
    'pause (--consumer NAME [--group GROUP] | --relay | --sweeper) --reason TEXT [--by NAME] | pause list [--consumer NAME]',
  text: 'let a consumer wait, one group of it, the relay or the sweeper, and list what is paused',
  more: [
    'A paused consumer receives no messages; they wait in its queue, no longer than the queue keeps them. What was',
    'received is still handled. While a group is paused, its events are recorded as seen and wait in the log. Their',
    'messages are deleted, so that they use up no receives and cannot become dead letters. Other groups flow. An event',
    'that is being handled at this moment either commits first or waits, too. While the relay is paused, events are committed',
    'and wait in the outbox; the sweeper publishes them late, unless it is paused as well. Alarms on pending events go off.',
  ],
  options: {
    consumer: { value: 'NAME', text: 'this consumer (for list: only this one)' },
    ...PUBLISHER_OPTIONS,
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
    { on: 'functions', actions: ['events:ListRuleNamesByTarget', 'lambda:ListEventSourceMappings'] },
    { on: 'rules', actions: ['events:DisableRule'] },
  ],
  read: readPause,
  run: pause,
});

function readPause(given: Arguments): PauseOptions {
  const [word] = given.positionals;
  if (word !== undefined && word !== 'list') given.refuse(`pause needs list or no verb, got '${word}'`);
  if (word === 'list') {
    for (const option of ['group', 'reason', 'by', ...PUBLISHERS] as const) {
      if (given.has(option)) given.refuse(`--${option} is not for pause list`);
    }
    return { verb: 'list', consumer: given.text('consumer') };
  }
  return {
    verb: 'pause',
    ...readPaused(given),
    reason: given.needed('reason'),
    by: given.text('by'),
  };
}

export const resumeCommand = defineCommand({
  name: 'resume',
  usage: 'resume (--consumer NAME [--group GROUP] | --relay | --sweeper) [--by NAME]',
  text: 'end the pause of a consumer, of a group, of the relay or of the sweeper',
  more: [
    'Sends the next event of the group to the consumer, which reads the others from the log in order. The record of who',
    'paused and resumed it, when and why does not expire. Safe to repeat: if the command was interrupted, the same',
    'command ends it.',
  ],
  options: {
    consumer: { value: 'NAME', text: 'this consumer' },
    ...PUBLISHER_OPTIONS,
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
    { on: 'functions', actions: ['events:ListRuleNamesByTarget', 'lambda:ListEventSourceMappings'] },
    { on: 'rules', actions: ['events:EnableRule'] },
  ],
  read: readResume,
  run: resume,
});

function readResume(given: Arguments): ResumeOptions {
  return { ...readPaused(given), by: given.text('by') };
}

/** A consumer, a group of one, or a publisher. */
function readPaused(given: Arguments) {
  const [publisher, ...others] = PUBLISHERS.filter((each) => given.has(each));
  const group = given.text('group');
  if (publisher === undefined) return { consumer: given.needed('consumer'), group, publisher };
  const excluded = ['consumer', 'group', ...others].filter((option) => given.has(option));
  for (const option of excluded) given.refuse(`--${publisher} and --${option} exclude each other: give one of them`);
  return { consumer: '', group: undefined, publisher };
}

export async function pause(options: PauseOptions, operation: Operation): Promise<ExitStatus> {
  if (options.verb === 'list') return listPaused(options.consumer, operation);
  const { consumer, group, publisher, reason, by = operation.operator } = options;
  if (publisher !== undefined) return pauseWhole(operation.publishers[publisher], { reason, by }, operation);
  return group === undefined
    ? pauseWhole(operation.consumer(consumer), { reason, by }, operation)
    : pauseOne(consumer, { group, reason, by }, operation);
}

export async function resume(options: ResumeOptions, operation: Operation): Promise<ExitStatus> {
  const { consumer, group, publisher, by = operation.operator } = options;
  if (publisher !== undefined) return resumeWhole(operation.publishers[publisher], by, operation);
  return group === undefined
    ? resumeWhole(operation.consumer(consumer), by, operation)
    : resumeOne(consumer, { group, by }, operation);
}

async function pauseWhole(
  { name, pause: deps }: Pick<OperatedConsumer, 'name' | 'pause'>,
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
      : `paused '${name}': within a minute or so it is invoked no more; see pause list, and resume`,
  );
  return 0;
}

async function resumeWhole(
  { name, pause: deps }: Pick<OperatedConsumer, 'name' | 'pause'>,
  by: string,
  { console, json, clock }: Operation,
): Promise<ExitStatus> {
  const record = await resumeConsumer({ consumer: name, ...deps, clock }, { by });
  if (json) console.line(jsonText({ consumer: name, record }));
  else {
    console.line(
      record === undefined
        ? `'${name}' was not paused; it is invoked`
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
