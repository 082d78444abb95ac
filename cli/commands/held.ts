import { type HeldGroup, listHeld } from '../../lib/operations/index.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, defineCommand, readTenant } from '../command.ts';
import { type ExitStatus, type Operation, strictConsumers, tellJson } from '../operation.ts';
import { ageText, cellText, reasonText } from '../wording.ts';

export interface HeldOptions {
  readonly consumer: string | undefined;
  readonly state: 'dead' | 'retrying' | undefined;
  readonly tenantId: string | undefined;
}

const HELD_STATES = ['dead', 'retrying'] as const;

export const heldCommand = defineCommand({
  name: 'held',
  usage: 'held [--consumer NAME] [--state dead|retrying] [--tenant ID]',
  text: 'list the groups that wait for an event, longest first',
  more: [
    'BEHIND counts the events that have arrived since and wait. The consumer handles them when the group is unblocked.',
  ],
  options: {
    consumer: { value: 'NAME', text: 'only this consumer' },
    state: {
      value: 'STATE',
      values: HELD_STATES,
      text: 'dead (the event is in the DLQ, its group is held) or retrying',
    },
    tenant: { value: 'ID', text: 'only groups of this tenant' },
    ...COMMON,
  },
  rights: [
    { on: 'outbox', actions: ['dynamodb:GetItem', 'dynamodb:Query'] },
    { on: 'inbox', actions: ['dynamodb:GetItem'] },
    { on: 'cursors-indexes', actions: ['dynamodb:Query'] },
  ],
  read: readHeld,
  run: held,
});

function readHeld(given: Arguments): HeldOptions {
  return {
    consumer: given.text('consumer'),
    state: given.oneOf('state', HELD_STATES),
    tenantId: readTenant(given),
  };
}

const HEADINGS = ['GROUP', 'SEQUENCE', 'STATE', 'SINCE', 'ATTEMPTS', 'BEHIND', 'EVENT', 'TYPE'];
const REASON_WIDTH = 60;

export async function held(options: HeldOptions, operation: Operation): Promise<ExitStatus> {
  const { console, json, log, clock, environmentName } = operation;
  const groups: HeldGroup[] = [];
  for (const { name, takes, notes, strict } of strictConsumers(operation, options.consumer)) {
    const { waiting } = strict;
    for await (const group of listHeld(
      { consumer: name, waiting, log, takes, notes },
      { state: options.state, tenantId: options.tenantId },
    )) {
      groups.push(group);
      console.progress(`${groups.length} groups`);
    }
  }
  if (json) {
    tellJson(operation, { environment: environmentName, held: groups }, 'held');
    return 0;
  }
  if (groups.length === 0) {
    const whose = options.tenantId === undefined ? '' : ` of tenant ${options.tenantId}`;
    console.line(`no group${whose} ${options.state === undefined ? 'waits' : `is ${options.state}`}`);
    return 0;
  }
  const hasTenants = groups.some(({ tenantId }) => tenantId !== undefined);
  const first = (consumer: string, tenant: string) => (hasTenants ? [consumer, tenant] : [consumer]);
  const hasPlaces = groups.some(({ thrownAt }) => thrownAt !== undefined);
  const last = (place: string, reason: string) => (hasPlaces ? [place, reason] : [reason]);
  const rows = groups.map((group) => [
    ...first(group.consumer, group.tenantId ?? ''),
    group.group,
    String(group.sequence),
    group.state,
    ageText(group.since, clock.now()),
    String(group.attempts),
    String(group.depth),
    group.eventId ?? '(no longer in the log)',
    group.eventType ?? '',
    ...last(group.thrownAt ?? '', cellText(reasonText(group.reason), REASON_WIDTH, console)),
  ]);
  const headings = [...first('CONSUMER', 'TENANT'), ...HEADINGS, ...last('THROWN AT', 'REASON')];
  for (const row of columns([headings, ...rows])) console.line(row);
  return 0;
}
