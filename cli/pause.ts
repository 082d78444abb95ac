import type { PausedGroup } from '../lib/consumer/index.ts';
import { pauseGroup, resumeGroup } from '../lib/operations/index.ts';
import { columns } from '../local/view/columns.ts';
import type { PauseOptions, ResumeOptions } from './command-line.ts';
import { type ExitStatus, type Operation, strictConsumer, strictConsumers } from './operation.ts';
import { ageText, jsonText, resendFacts, resendText, timeText } from './wording.ts';

export async function pause(options: PauseOptions, operation: Operation): Promise<ExitStatus> {
  if (options.verb === 'list') return list(options.consumer, operation);
  const { console, json, clock, operator } = operation;
  const { consumer: name, group, reason, by = operator } = options;
  const { cursors } = strictConsumer(operation, name).strict;
  const result = await pauseGroup({ cursors, clock }, { group, reason, by });
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
      const { by: who, since, reason: why } = result.pause;
      console.line(`group ${group} has been paused for '${name}' by ${who} since ${timeText(since)}: ${why}`);
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

export async function resume(options: ResumeOptions, operation: Operation): Promise<ExitStatus> {
  const { console, json, clock, operator, log } = operation;
  const { consumer: name, group, by = operator } = options;
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

async function list(consumer: string | undefined, operation: Operation): Promise<ExitStatus> {
  const { console, json, clock, environmentName } = operation;
  const all: (PausedGroup & { readonly consumer: string })[] = [];
  for (const { name, strict } of strictConsumers(operation, consumer)) {
    for await (const page of strict.paused.list()) all.push(...page.map((group) => ({ consumer: name, ...group })));
  }
  const paused = all
    .map(({ cursor: { processed, seen, paused: pause }, ...place }) => ({
      ...place,
      ...pause,
      behind: seen - processed,
    }))
    .toSorted((one, other) => one.since - other.since);
  if (json) {
    console.line(jsonText({ environment: environmentName, paused }));
    return 0;
  }
  if (paused.length === 0) {
    console.line('no group is paused');
    return 0;
  }
  const rows = paused.map(({ behind, since, by, reason, ...place }) => [
    place.consumer,
    place.group,
    ageText(since, clock.now()),
    String(behind),
    by,
    reason,
  ]);
  for (const row of columns([['CONSUMER', 'GROUP', 'SINCE', 'BEHIND', 'BY', 'REASON'], ...rows])) console.line(row);
  return 0;
}
