import {
  listQuarantined,
  type QuarantinedEvent,
  type RepublishResult,
  republish as release,
} from '../../lib/operations/index.ts';
import type { EventKey } from '../../lib/outbox/index.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, defineCommand, SEQUENCE } from '../command.ts';
import { type ExitStatus, type Operation, tellJson } from '../operation.ts';
import { ageText, cellText } from '../wording.ts';

export type RepublishOptions =
  | { readonly verb: 'list'; readonly code: string | undefined }
  | {
      readonly verb: 'republish';
      /** Undefined: all with `code`. */
      readonly place: EventKey | undefined;
      readonly code: string | undefined;
      readonly reason: string;
      readonly by: string | undefined;
    };

const REPUBLISH_VERBS = ['list'] as const;

export const republishCommand = defineCommand({
  name: 'republish',
  usage:
    'republish list [--code CODE] | republish (--group GROUP --sequence N | --all [--code CODE]) --reason TEXT [--by NAME]',
  text: 'list quarantined events, which no consumer receives, and publish them again',
  more: [
    'Relay and sweeper quarantine an event that the bus refuses for good. list shows them with the reason. Once the cause is',
    'gone, republish lets the sweeper publish them at its next run, a minute or so later; what it cannot publish returns to',
    'quarantine. An event that the log no longer has cannot be published. The audit trail keeps who did it, and why.',
    'Events that the bus could not deliver to one consumer are for deliver; dead letters are for redrive.',
  ],
  options: {
    group: { value: 'GROUP', text: 'group of the event, as list shows it' },
    sequence: { value: 'N', text: 'its sequence' },
    all: { text: 'every quarantined event' },
    code: { value: 'CODE', text: 'only those quarantined with this code' },
    reason: { value: 'TEXT', text: 'why (required to publish)' },
    by: { value: 'NAME', text: 'who decided it (default: user and host)' },
    ...COMMON,
  },
  words: 1,
  verbs: REPUBLISH_VERBS,
  rights: [
    { on: 'pending', actions: ['dynamodb:Scan', 'dynamodb:UpdateItem'] },
    { on: 'outbox', actions: ['dynamodb:GetItem'] },
    { on: 'operator', actions: ['dynamodb:PutItem'] },
  ],
  read: readRepublish,
  run: republish,
});

function readRepublish(given: Arguments): RepublishOptions {
  const [word] = given.positionals;
  const code = given.text('code');
  if (word !== undefined && word !== 'list') given.refuse(`republish needs list or no verb, got '${word}'`);
  if (word === 'list') {
    for (const option of ['group', 'sequence', 'all', 'reason', 'by'] as const) {
      if (given.has(option)) given.refuse(`--${option} is not for republish list`);
    }
    return { verb: 'list', code };
  }
  const group = given.text('group');
  const sequence = given.number('sequence', SEQUENCE);
  const isOne = group !== undefined || given.has('sequence');
  if (isOne === given.has('all')) given.refuse('republish needs --group GROUP and --sequence N, or --all');
  if (isOne && (group === undefined || !given.has('sequence'))) given.refuse('--group and --sequence go together');
  if (isOne && code !== undefined) given.refuse('--code goes with --all');
  return {
    verb: 'republish',
    place: group === undefined || sequence === undefined ? undefined : { group, sequence },
    code,
    reason: given.needed('reason'),
    by: given.text('by'),
  };
}

export async function republish(options: RepublishOptions, operation: Operation): Promise<ExitStatus> {
  if (options.verb === 'list') return list(options.code, operation);
  const { console, json, log, quarantine, clock } = operation;
  const { place, code, reason, by = operation.operator } = options;
  const deps = { log, quarantine, clock, trail: operation.trail() };
  const places = place === undefined ? await quarantinedOf(code, operation) : [place];
  const results: (EventKey & RepublishResult)[] = [];
  for (const { group, sequence } of places) {
    results.push({ group, sequence, ...(await release(deps, { group, sequence, by, reason })) });
    console.progress(`${results.length} of ${places.length} events`);
  }
  if (json) tellJson(operation, { environment: operation.environmentName, results }, 'results');
  else {
    if (results.length === 0) console.line('no event is quarantined');
    for (const row of columns(results.map((each) => [`${each.sequence} of ${each.group}`, resultText(each)]))) {
      console.line(row);
    }
  }
  return results.some(({ kind }) => kind !== 'released') ? 1 : 0;
}

function resultText(result: RepublishResult): string {
  switch (result.kind) {
    case 'released':
      return `${result.eventId}: the sweeper publishes it within minutes; see where`;
    case 'not-quarantined':
      return 'nothing was done: it is not quarantined';
    case 'gone':
      return 'nothing was done: the log no longer has it; see the runbook, Quarantined';
  }
}

async function quarantinedOf(
  code: string | undefined,
  { pending, console }: Operation,
): Promise<readonly QuarantinedEvent[]> {
  const found: QuarantinedEvent[] = [];
  for await (const page of listQuarantined(pending, new AbortController().signal)) {
    found.push(...page.filter(({ quarantined }) => code === undefined || quarantined.code === code));
    console.progress(`${found.length} quarantined events`);
  }
  return found.toSorted((one, other) => one.quarantined.at - other.quarantined.at);
}

const REASON_WIDTH = 80;

async function list(code: string | undefined, operation: Operation): Promise<ExitStatus> {
  const { console, json, log, clock, environmentName } = operation;
  const found = await quarantinedOf(code, operation);
  const quarantined = await Promise.all(
    found.map(async ({ group, sequence, committedAt, quarantined: { at, ...why } }) => {
      const event = await log.find({ group, sequence });
      return { group, sequence, committedAt, at, ...why, eventId: event?.id, eventType: event?.type };
    }),
  );
  if (json) {
    tellJson(operation, { environment: environmentName, quarantined }, 'quarantined');
    return 0;
  }
  if (quarantined.length === 0) {
    console.line('no event is quarantined');
    return 0;
  }
  const rows = quarantined.map(({ group, sequence, at, code: why, message, eventId, eventType }) => [
    group,
    String(sequence),
    eventId ?? '(no longer in the log)',
    eventType ?? '',
    ageText(at, clock.now()),
    cellText(`${why}: ${message}`, REASON_WIDTH, console),
  ]);
  for (const row of columns([['GROUP', 'SEQUENCE', 'EVENT', 'TYPE', 'SINCE', 'REASON'], ...rows])) console.line(row);
  return 0;
}
