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

/** Beside the operator's commands: runs a CDK app on this machine. */
export const START = { name: 'start', text: 'run a CDK app, or what cdk synth wrote, on this machine' } as const;

const COMMON = {
  env: { value: 'NAME', text: 'environment; needed when the account and region have several' },
  json: { text: 'one line of JSON on stdout; all else on stderr' },
  help: { text: 'show this' },
} as const;

const CONSUMER = { value: 'NAME', text: 'consumer (required)' } as const;

/** Every command, in the order of the help. */
const COMMAND_TABLE = {
  held: {
    usage: 'held [--consumer NAME] [--state dead|retrying] [--tenant ID]',
    text: 'list the groups that wait for an event, longest first',
    more: ['BEHIND counts the events that came meanwhile and wait; the consumer goes on with them by itself.'],
    options: {
      consumer: { value: 'NAME', text: 'only this consumer' },
      state: { value: 'STATE', text: 'dead (the event is in the DLQ, its group is held) or retrying' },
      tenant: { value: 'ID', text: 'only groups of this tenant' },
      ...COMMON,
    },
  },
  skip: {
    usage: 'skip --consumer NAME --group GROUP --sequence N --reason TEXT [--by NAME] [--yes]',
    text: 'let a consumer step over the event that its group waits for',
    more: [
      'The event is never handled by this consumer, even when its dead letter is redriven. Who, when and why is kept',
      'for good. Nothing happens when the group waits for another event by now. Safe to repeat: if it was cut off, the',
      'same command lets the group go on.',
    ],
    options: {
      consumer: CONSUMER,
      group: { value: 'GROUP', text: 'group, as held shows it (required)' },
      sequence: { value: 'N', text: 'the event to step over, as held shows it (required)' },
      reason: { value: 'TEXT', text: 'why it need not be handled (required)' },
      by: { value: 'NAME', text: 'who decided it (default: user and host)' },
      yes: { text: 'do not ask; needed where there is no terminal' },
      ...COMMON,
    },
  },
  resend: {
    usage: 'resend --consumer NAME (--group GROUP | --all-held) [--rate N]',
    text: "send a group's next event to the consumer's queue again, e.g. after its DLQ was purged",
    more: [
      'Sends the event that the group waits for; if it waits for none, its last event, which brings along all that is',
      'missing before it. Harmless when there is nothing to do: a message whose event is dealt with is deleted.',
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
    text: "send what the bus could not deliver to the consumer's queue after all",
    more: [
      'For the undeliverable queue of a consumer, once the cause is mended: each event is sent to the consumer’s queue in its',
      'group, and its message is deleted. What is no event, or of a type that the consumer does not take, is left and told.',
      'Harmless to repeat: what was handled is skipped as a duplicate.',
    ],
    options: {
      consumer: CONSUMER,
      from: {
        value: 'QUEUE_URL',
        text: 'another undeliverable queue, such as one that a renamed construct has left behind (default: the consumer’s)',
      },
      rate: { value: 'N', text: `messages per second, 0.1 to 300 (default: ${DEFAULT_RESENDS_PER_SECOND})` },
      ...COMMON,
    },
  },
  keep: {
    usage: 'keep --consumer NAME (--group GROUP | --all-held) --days N',
    text: 'keep the events of a group that waits in the log until somebody decides',
    more: [
      'Extends the time to live of all events that the consumer has not dealt with, to N days from now at least, and tells',
      'what the log no longer had. Harmless to repeat.',
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
    text: 'mark places of a group that are lost as empty, so that its consumers step over them',
    more: [
      'For a hole in the log that will never be filled (LOG_HOLE). Where an event stands nothing is changed, and nothing',
      'beyond the last sequence that the group has used. Who, when and why stands in the log.',
    ],
    options: {
      group: { value: 'GROUP', text: 'the group, as the log line names it (required)' },
      from: { value: 'N', text: 'the first sequence (required)' },
      to: { value: 'N', text: 'the last sequence (default: the first)' },
      reason: { value: 'TEXT', text: 'why there is no event (required)' },
      by: { value: 'NAME', text: 'who decided it (default: user and host)' },
      yes: { text: 'do not ask; needed where there is no terminal' },
      ...COMMON,
    },
  },
  heads: {
    usage: 'heads --reason TEXT [--apply] [--by NAME] [--rate N]',
    text: 'after the outbox was restored: raise the heads of groups beyond what consumers have seen',
    more: [
      'Reads all cursors once, and one head per group. Only tells what it finds, unless --apply is given. New events would',
      'else take sequences that cursors have passed. The places in between are marked as empty. Safe to cut off and repeat.',
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
      'By group and sequence (every log line of an event has them) it takes a few reads. By id alone the held groups',
      'are looked through first, then the log is scanned, since no index leads from an id to its place: 131,000 read',
      'units, 0.016 USD, per GiB of the log.',
    ],
    options: {
      group: { value: 'GROUP', text: "the event's group" },
      sequence: { value: 'N', text: 'its place in the group' },
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
      'Reads the whole log once: 131,000 read units, 0.016 USD, per GiB. Only tells what it finds, unless --resend is',
      'given. While a consumer has a long queue, what waits there is found, too; resending it does no harm.',
    ],
    options: {
      consumer: { value: 'NAME', text: 'only this consumer' },
      resend: { text: 'send what is missing to the consumer’s queue' },
      waiting: {
        text: 'also what groups wait for, and what has failed: after the consumer got another queue, its messages are gone',
      },
      grace: {
        value: 'MINUTES',
        text: `younger events count as still on their way, 0 to 10080 (default: ${DEFAULT_GRACE_MINUTES})`,
      },
      rate: { value: 'N', text: `read units per second, 1 to 100000 (default: ${DEFAULT_READ_UNITS_PER_SECOND})` },
      ...COMMON,
    },
  },
  rebuild: {
    usage: 'rebuild PROJECTION [--status | --abort] [--accept-horizon] [--accept-failed]',
    text: 'build the view of a projection anew from the log, while the old one serves, then switch',
    more: [
      'Safe to cut off: the same command goes on where it was. Live events go into both views meanwhile. Reads the whole',
      'log once, 262,000 read units, 0.033 USD, per GiB, and two more reads and some writes per group. What the log no',
      'longer holds cannot come back.',
    ],
    options: {
      status: { text: 'only show which generation serves, and how far a rebuild is' },
      abort: { text: 'give up the rebuild under way, and delete what it has built' },
      'accept-horizon': { text: 'build it although the log has forgotten events that the old view knows' },
      'accept-failed': { text: 'switch although some groups cannot be brought to their last event' },
      ...COMMON,
    },
  },
  sagas: {
    usage: 'sagas list SAGA [--status STATUS] | sagas show SAGA ID | sagas retry SAGA ID',
    text: 'look at the instances of a process manager, and have a failed compensation tried again',
    more: [
      'list shows what is not over, unless --status is given. show has the steps and the history of one instance. retry',
      'publishes a wish into the instance’s group: the saga takes it in order, and goes on undoing what is left.',
    ],
    options: {
      status: { value: 'STATUS', text: 'running, compensating, completed, compensated or compensation-failed' },
      limit: { value: 'N', text: `how many to list, 1 to 10000 (default: ${DEFAULT_LISTED_SAGAS})` },
      tenant: { value: 'ID', text: 'whose sagas; needed where the deployment requires tenants' },
      ...COMMON,
    },
  },
} as const satisfies Record<string, CommandText>;

export type CommandName = keyof typeof COMMAND_TABLE;

export const COMMAND_NAMES = Object.keys(COMMAND_TABLE) as readonly CommandName[];

export const isCommandName = (name: string): name is CommandName => Object.hasOwn(COMMAND_TABLE, name);

export const commandText = (name: CommandName): CommandText => COMMAND_TABLE[name];
