import type { OptionTable } from '../local/start/arguments.ts';

export interface CommandText {
  readonly usage: string;
  readonly text: string;
  readonly more: readonly string[];
  readonly options: OptionTable;
}

export const DEFAULT_RESENDS_PER_SECOND = 10;
export const DEFAULT_READ_UNITS_PER_SECOND = 500;
export const DEFAULT_MAX_READ_UNITS = 50_000;
export const DEFAULT_GRACE_MINUTES = 15;
export const DEFAULT_LISTED_SAGAS = 50;
export const DEFAULT_WATCH_SECONDS = 5;
export const DEFAULT_LISTED_FAILURES = 100;

/** Not an operator's command: runs a CDK app on this machine. */
export const START = { name: 'start', text: 'run a CDK app, or what cdk synth wrote, on this machine' } as const;

/** Not an operator's command: writes a new project. */
export const INIT = { name: 'init', text: 'write a small project to begin with' } as const;

/** Not an operator's command: reads definitions only. */
export const OPENAPI = { name: 'openapi', text: 'describe the routes of an HTTP API in OpenAPI 3.1' } as const;

const COMMON = {
  env: { value: 'NAME', text: 'environment; needed when the account and region have several' },
  json: { text: 'one line of JSON on stdout; all else on stderr' },
  help: { short: 'h', text: 'show this' },
} as const;

const CONSUMER = { value: 'NAME', text: 'consumer (required)' } as const;

/** Every command, in the order of the help. */
const COMMAND_TABLE = {
  status: {
    usage: 'status [--consumer NAME] [--watch [--every SECONDS]]',
    text: 'one screen for an environment: what is pending, queued, failing, held and paused',
    more: [
      'PENDING counts events that are committed and not published; a relay that works leaves them for a second or so.',
      'QUEUE and IN FLIGHT are approximate, as SQS counts them. Counts of failures and groups stop at 10,000.',
    ],
    options: {
      consumer: { value: 'NAME', text: 'only this consumer' },
      watch: { text: 'show it again and again, until Ctrl-C; with --json one line each time' },
      every: { value: 'SECONDS', text: `how often with --watch, 1 to 3600 (default: ${DEFAULT_WATCH_SECONDS})` },
      ...COMMON,
    },
  },
  held: {
    usage: 'held [--consumer NAME] [--state dead|retrying] [--tenant ID]',
    text: 'list the groups that wait for an event, longest first',
    more: [
      'BEHIND counts the events that have arrived since and wait. The consumer handles them when the group is unblocked.',
    ],
    options: {
      consumer: { value: 'NAME', text: 'only this consumer' },
      state: { value: 'STATE', text: 'dead (the event is in the DLQ, its group is held) or retrying' },
      tenant: { value: 'ID', text: 'only groups of this tenant' },
      ...COMMON,
    },
  },
  failures: {
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
      fingerprint: { value: 'ID', text: 'list the failures with this fingerprint' },
      each: { text: 'list every failure that matches' },
      type: { value: 'TYPE', text: 'only events of this type' },
      tenant: { value: 'ID', text: 'only events of this tenant' },
      state: { value: 'STATE', text: 'retrying, deferred (waits for something else), or dead (it is in the DLQ)' },
      'older-than': { value: 'AGE', text: 'failed for the first time before: 90s, 30m, 12h or 2d' },
      limit: { value: 'N', text: `how many to list, 1 to 1000000 (default: ${DEFAULT_LISTED_FAILURES})` },
      ...COMMON,
    },
  },
  skip: {
    usage: 'skip --consumer NAME --group GROUP --sequence N --reason TEXT [--by NAME] [--yes]',
    text: 'let a consumer skip the event that its group waits for',
    more: [
      'The consumer never handles the event, even if its dead letter is redriven. The record of who skipped it, when',
      'and why does not expire. Nothing changes if the group waits for another event by then. Safe to repeat: if the',
      'command was interrupted, the same command resends the next event of the group.',
    ],
    options: {
      consumer: CONSUMER,
      group: { value: 'GROUP', text: 'group, as held shows it (required)' },
      sequence: { value: 'N', text: 'the event to skip, as held shows it (required)' },
      reason: { value: 'TEXT', text: 'why it need not be handled (required)' },
      by: { value: 'NAME', text: 'who decided it (default: user and host)' },
      yes: { text: 'do not ask for confirmation; required without a terminal' },
      ...COMMON,
    },
  },
  pause: {
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
  },
  resume: {
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
  },
  resend: {
    usage: 'resend --consumer NAME (--group GROUP | --all-held) [--rate N]',
    text: "send a group's next event to the consumer's queue again, e.g. after its DLQ was purged",
    more: [
      'Resends the event that the group waits for. If the group waits for none, resends its last event, and the consumer',
      'reads the missing events before it from the log. Harmless if nothing is missing: the consumer deletes the message.',
    ],
    options: {
      consumer: CONSUMER,
      group: { value: 'GROUP', text: 'this group' },
      'all-held': { text: 'every group whose event is a dead letter' },
      rate: { value: 'N', text: `messages per second, 0.1 to 300 (default: ${DEFAULT_RESENDS_PER_SECOND})` },
      ...COMMON,
    },
  },
  deliver: {
    usage: 'deliver --consumer NAME [--from QUEUE_URL] [--rate N]',
    text: "send events that the bus could not deliver to the consumer's queue",
    more: [
      'Use it after you have fixed the cause. Sends each event of the undeliverable queue to the consumer’s queue, in its',
      'group, and deletes the message. Messages that are no events, and events of types that the consumer does not take,',
      'stay in the queue and are listed. Harmless to repeat: the consumer skips duplicates.',
    ],
    options: {
      consumer: CONSUMER,
      from: {
        value: 'QUEUE_URL',
        text: 'another undeliverable queue, such as the one of a construct that was renamed (default: the consumer’s)',
      },
      rate: { value: 'N', text: `messages per second, 0.1 to 300 (default: ${DEFAULT_RESENDS_PER_SECOND})` },
      ...COMMON,
    },
  },
  keep: {
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
  },
  fill: {
    usage: 'fill --group GROUP --from N [--to N] --reason TEXT [--by NAME] [--yes]',
    text: 'mark lost sequences of a group as empty, so that its consumers continue after them',
    more: [
      'For a hole in the log that can never be filled (LOG_HOLE). Does not change a sequence that has an event, or one',
      'beyond the last sequence of the group. The log keeps who marked it, when and why.',
    ],
    options: {
      group: { value: 'GROUP', text: 'the group, as the log line names it (required)' },
      from: { value: 'N', text: 'the first sequence (required)' },
      to: { value: 'N', text: 'the last sequence (default: the first)' },
      reason: { value: 'TEXT', text: 'why there is no event (required)' },
      by: { value: 'NAME', text: 'who decided it (default: user and host)' },
      yes: { text: 'do not ask for confirmation; required without a terminal' },
      ...COMMON,
    },
  },
  heads: {
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
  },
  where: {
    usage: 'where EVENT_ID [--group GROUP] | where --group GROUP --sequence N',
    text: 'where an event is: in the outbox, and at each consumer',
    more: [
      'With group and sequence (every log line of an event has them), it needs a few reads. With the id alone, it looks',
      'through the held groups first and then scans the log, because the log has no index by id: 131,000 read units,',
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
  },
  audit: {
    usage: 'audit [--consumer NAME] [--resend] [--waiting] [--grace MINUTES] [--rate N]',
    text: 'compare the log with the cursors of strict consumers: finds events whose message was lost',
    more: [
      'Reads the whole log once: 131,000 read units, 0.016 USD, per GiB. Only lists what it finds, unless --resend is',
      'given. If a consumer has a long queue, events that wait there are listed, too; to resend them is harmless.',
    ],
    options: {
      consumer: { value: 'NAME', text: 'only this consumer' },
      resend: { text: 'send what is missing to the consumer’s queue' },
      waiting: {
        text: 'also the events that groups wait for, and failed ones: for a consumer whose queue was replaced',
      },
      grace: {
        value: 'MINUTES',
        text: `younger events may still be on their way, 0 to 10080 (default: ${DEFAULT_GRACE_MINUTES})`,
      },
      rate: { value: 'N', text: `read units per second, 1 to 100000 (default: ${DEFAULT_READ_UNITS_PER_SECOND})` },
      ...COMMON,
    },
  },
  rebuild: {
    usage: 'rebuild PROJECTION [--status | --abort] [--accept-horizon] [--accept-failed]',
    text: 'rebuild the view of a projection from the log while the old one serves, then switch',
    more: [
      'Safe to interrupt: the same command continues the rebuild. New events go into both views. Reads the whole log once,',
      '262,000 read units, 0.033 USD, per GiB, and needs two more reads and some writes per group. Events that the log no',
      'longer holds are not in the new view.',
    ],
    options: {
      status: { text: 'only show which generation serves, and the progress of a rebuild' },
      abort: { text: 'stop the rebuild, and delete what it has built' },
      'accept-horizon': { text: 'rebuild it although the log no longer holds events that the old view contains' },
      'accept-failed': { text: 'switch although some groups failed before their last event' },
      ...COMMON,
    },
  },
  sagas: {
    usage: 'sagas list SAGA [--status STATUS] | sagas show SAGA ID | sagas retry SAGA ID',
    text: 'list and show the instances of a process manager, and retry a failed compensation',
    more: [
      'list shows the instances that are not finished, unless --status is given. show prints the steps and the history of',
      'one instance. retry publishes a command to the instance’s group: the saga continues with the compensations that are left.',
    ],
    options: {
      status: { value: 'STATUS', text: 'running, compensating, completed, compensated or compensation-failed' },
      limit: { value: 'N', text: `how many to list, 1 to 10000 (default: ${DEFAULT_LISTED_SAGAS})` },
      tenant: { value: 'ID', text: 'only sagas of this tenant; required if the deployment requires tenants' },
      ...COMMON,
    },
  },
  settings: {
    usage: 'settings [list] | settings set NAME=VALUE... | settings unset NAME... [--consumer NAME] [--reason TEXT]',
    text: 'list and tune settings without a deployment: attempts, backoff, sweeper, log level',
    more: [
      'Without a verb it lists what holds now, where that comes from and since when. Functions follow a change within a',
      'minute, with their next invocation. A deployment never overwrites what is tuned. NAME is maxAttempts,',
      'retryBaseSeconds, retryCapSeconds or logLevel, for all consumers or one; or sweepAfterSeconds or sweepMaxEvents.',
    ],
    options: {
      consumer: { value: 'NAME', text: 'only this consumer' },
      reason: { value: 'TEXT', text: 'why, for the history of the parameter' },
      by: { value: 'NAME', text: 'who decided it (default: user and host)' },
      ...COMMON,
    },
  },
} as const satisfies Record<string, CommandText>;

export type CommandName = keyof typeof COMMAND_TABLE;

export const COMMAND_NAMES = Object.keys(COMMAND_TABLE) as readonly CommandName[];

export const isCommandName = (name: string): name is CommandName => Object.hasOwn(COMMAND_TABLE, name);

export const commandText = (name: CommandName): CommandText => COMMAND_TABLE[name];
