import { type SkipResult, skip as skipEvent } from '../../lib/operations/index.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { COMMON, CONSUMER, defineCommand, SEQUENCE } from '../command.ts';
import { type ExitStatus, type Operation, type StrictOperated, strictConsumer } from '../operation.ts';
import { UsageError } from '../usage-error.ts';
import { ageText, attemptsText, jsonText, reasonText, resendFacts, resendText, timeText } from '../wording.ts';

export interface SkipOptions {
  readonly consumer: string;
  readonly group: string;
  readonly sequence: number;
  readonly reason: string;
  readonly by: string | undefined;
  readonly yes: boolean;
}

export const skipCommand = defineCommand({
  name: 'skip',
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
  rights: [
    { on: 'outbox', actions: ['dynamodb:GetItem', 'dynamodb:Query'] },
    { on: 'inbox', actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'] },
    { on: 'cursors', actions: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'] },
    { on: 'queues', actions: ['sqs:SendMessage'] },
  ],
  read: readSkip,
  run: skip,
});

function readSkip(given: Arguments): SkipOptions {
  const consumer = given.needed('consumer');
  const group = given.needed('group');
  given.needed('sequence');
  return {
    consumer,
    group,
    sequence: given.number('sequence', SEQUENCE) ?? 0,
    reason: given.needed('reason'),
    by: given.text('by'),
    yes: given.has('yes'),
  };
}

export async function skip(options: SkipOptions, operation: Operation): Promise<ExitStatus> {
  const consumer = strictConsumer(operation, options.consumer);
  const { console, log, clock, operator } = operation;
  if (!options.yes && !(await isAgreed(options, consumer, operation))) {
    console.note('nothing was done');
    return 1;
  }
  const { group, sequence, by = operator, reason } = options;
  const { cursors, skips } = consumer.strict;
  const { name, queue, takes, notes } = consumer;
  const result = await skipEvent(
    { consumer: name, cursors, skips, notes, log, queue, takes, clock },
    { group, sequence, by, reason },
  );
  tell(result, options, operation);
  return result.kind === 'skipped' || result.kind === 'skipped-before' ? 0 : 1;
}

async function isAgreed(
  { group, sequence, reason }: SkipOptions,
  { name, strict }: StrictOperated,
  { console, log, clock }: Operation,
): Promise<boolean> {
  const blockedBy = (await strict.cursors.read([group])).get(group)?.blockedBy;
  // an event that cannot be skipped is refused below, with the reason; if it was skipped before, only the next event is
  // resent
  if (blockedBy?.sequence !== sequence) return true;
  const event = await log.find({ group, sequence });
  console.note(`consumer  ${name}`);
  console.note(`event     ${event?.id ?? '(no longer in the log)'}, ${sequence} of group ${group}`);
  console.note(`type      ${event?.type ?? '(unknown)'}`);
  console.note(`failed    ${reasonText(blockedBy.reason)}`);
  console.note(
    `waits     ${ageText(blockedBy.since, clock.now())}, ${attemptsText(blockedBy.attempts)}, ${blockedBy.state}`,
  );
  console.note(`why skip  ${reason}`);
  const agreed = await console.confirm(`'${name}' will never handle this event. Skip it?`);
  if (agreed === undefined) throw new UsageError('there is no terminal to ask on: add --yes to skip without asking');
  return agreed;
}

function tell(result: SkipResult, { consumer, group, sequence }: SkipOptions, { console, json }: Operation): void {
  if (json) {
    const resent = 'resent' in result && result.resent !== undefined ? { resent: resendFacts(result.resent) } : {};
    console.line(jsonText({ ...result, ...resent }));
    return;
  }
  switch (result.kind) {
    case 'skipped':
      console.line(`skipped event ${sequence} of group ${group} for '${consumer}'; ${resendText(result.resent)}`);
      return;
    case 'skipped-before': {
      const { by, at, reason } = result.record;
      const now = result.resent === undefined ? 'the group waits for a later event now' : resendText(result.resent);
      console.line(`skipped before, by ${by} at ${timeText(at)} (${reason}); ${now}`);
      return;
    }
    case 'contended':
      console.note('nothing was done: the cursor of the group changed at every attempt; try again');
      return;
    case 'refused':
      console.note(`nothing was done: ${refusal(result, group)}; see: npx waybill held --consumer ${consumer}`);
  }
}

function refusal({ blockedBy, cursor }: Extract<SkipResult, { kind: 'refused' }>, group: string): string {
  if (blockedBy !== undefined) return `group ${group} waits for event ${blockedBy.sequence}, not for this one`;
  if (cursor === undefined) return `the consumer has no cursor for group ${group}`;
  return `group ${group} waits for nothing, its cursor is at event ${cursor.processed}`;
}
