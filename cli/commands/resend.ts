import {
  createRateLimiter,
  type ResendResult,
  resendHeld,
  resend as resendToGroup,
} from '../../lib/operations/index.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, CONSUMER, DEFAULT_RESENDS_PER_SECOND, defineCommand, readGroups } from '../command.ts';
import { type ExitStatus, type Operation, strictConsumer, tellJson } from '../operation.ts';
import { resendFacts, resendText } from '../wording.ts';

export interface ResendOptions {
  readonly consumer: string;
  /** Undefined: every held group. */
  readonly group: string | undefined;
  readonly resendsPerSecond: number;
}

export const resendCommand = defineCommand({
  name: 'resend',
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
  rights: [
    { on: 'outbox', actions: ['dynamodb:GetItem', 'dynamodb:Query'] },
    { on: 'cursors', actions: ['dynamodb:BatchGetItem'] },
    { on: 'cursors-indexes', actions: ['dynamodb:Query'] },
    { on: 'queues', actions: ['sqs:SendMessage'] },
  ],
  read: readResend,
  run: resend,
});

function readResend(given: Arguments): ResendOptions {
  const consumer = given.needed('consumer');
  const group = readGroups('resend', given);
  const rate = given.number('rate', { min: 0.1, max: 300, whole: false });
  return { consumer, group, resendsPerSecond: rate ?? DEFAULT_RESENDS_PER_SECOND };
}

interface Resent {
  readonly group: string;
  readonly result: ResendResult;
}

export async function resend(options: ResendOptions, operation: Operation): Promise<ExitStatus> {
  const { console, json } = operation;
  const resent: Resent[] = [];
  for await (const one of resendAll(options, operation)) {
    resent.push(one);
    console.progress(`${resent.length} groups`);
  }
  if (json) {
    const resends = resent.map(({ group, result }) => ({ group, ...resendFacts(result) }));
    tellJson(operation, { consumer: options.consumer, resends }, 'resends');
  } else {
    for (const row of columns(resent.map(({ group, result }) => [group, resendText(result)]))) console.line(row);
    if (resent.length === 0) console.line(`no group of '${options.consumer}' is held`);
  }
  return resent.some(({ result }) => result.kind === 'gone') ? 1 : 0;
}

async function* resendAll(
  { consumer: name, group, resendsPerSecond }: ResendOptions,
  operation: Operation,
): AsyncGenerator<Resent> {
  const { queue, takes, strict } = strictConsumer(operation, name);
  const { log, clock, sleep } = operation;
  const deps = { cursors: strict.cursors, log, queue, takes };
  if (group !== undefined) {
    yield { group, result: await resendToGroup(deps, group) };
    return;
  }
  const limiter = createRateLimiter({ unitsPerSecond: resendsPerSecond, clock, sleep });
  yield* resendHeld({ ...deps, waiting: strict.waiting, limiter });
}
