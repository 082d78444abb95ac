import { type SkipResult, skip as skipEvent } from '../lib/operations/index.ts';
import type { SkipOptions } from './command-line.ts';
import { type ExitStatus, type Operation, type StrictOperated, strictConsumer } from './operation.ts';
import { UsageError } from './usage-error.ts';
import { ageText, attemptsText, jsonText, reasonText, ringFacts, ringText, timeText } from './wording.ts';

export async function skip(options: SkipOptions, operation: Operation): Promise<ExitStatus> {
  const consumer = strictConsumer(operation, options.consumer);
  const { console, log, clock, operator } = operation;
  if (!options.yes && !(await isAgreed(options, consumer, operation))) {
    console.note('nothing was done');
    return 1;
  }
  const { group, sequence, by = operator, reason } = options;
  const { cursors, skips } = consumer.strict;
  const { name, bell, takes } = consumer;
  const result = await skipEvent(
    { consumer: name, cursors, skips, log, bell, takes, clock },
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
  const waitingFor = (await strict.cursors.read([group])).get(group)?.waitingFor;
  // what cannot be skipped is refused below, with the reason; what was skipped is only rung for
  if (waitingFor?.sequence !== sequence) return true;
  const event = await log.find({ group, sequence });
  console.note(`consumer  ${name}`);
  console.note(`event     ${event?.id ?? '(no longer in the log)'}, ${sequence} of group ${group}`);
  console.note(`type      ${event?.type ?? '(unknown)'}`);
  console.note(`failed    ${reasonText(waitingFor.reason)}`);
  console.note(
    `waits     ${ageText(waitingFor.since, clock.now())}, ${attemptsText(waitingFor.attempts)}, ${waitingFor.state}`,
  );
  console.note(`why skip  ${reason}`);
  const agreed = await console.confirm(`'${name}' will never handle this event. Step over it?`);
  if (agreed === undefined) throw new UsageError('there is no terminal to ask on: add --yes to skip without asking');
  return agreed;
}

function tell(result: SkipResult, { consumer, group, sequence }: SkipOptions, { console, json }: Operation): void {
  if (json) {
    const rung = 'rung' in result && result.rung !== undefined ? { rung: ringFacts(result.rung) } : {};
    console.line(jsonText({ ...result, ...rung }));
    return;
  }
  switch (result.kind) {
    case 'skipped':
      console.line(`skipped event ${sequence} of group ${group} for '${consumer}'; ${ringText(result.rung)}`);
      return;
    case 'skipped-before': {
      const { by, at, reason } = result.record;
      const now = result.rung === undefined ? 'the group waits for a later event now' : ringText(result.rung);
      console.line(`skipped before, by ${by} at ${timeText(at)} (${reason}); ${now}`);
      return;
    }
    case 'contended':
      console.note('nothing was done: the group is busy, others moved its cursor each time; try again');
      return;
    case 'refused':
      console.note(`nothing was done: ${refusal(result, group)}; see: npm run waybill -- held --consumer ${consumer}`);
  }
}

function refusal({ waitingFor, cursor }: Extract<SkipResult, { kind: 'refused' }>, group: string): string {
  if (waitingFor !== undefined) return `group ${group} waits for event ${waitingFor.sequence}, not for this one`;
  if (cursor === undefined) return `the consumer has no cursor for group ${group}`;
  return `group ${group} waits for nothing, its cursor is at event ${cursor.processed}`;
}
