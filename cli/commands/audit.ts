import {
  type AuditProgress,
  audit as auditLog,
  createRateLimiter,
  type MissingEvent,
} from '../../lib/operations/index.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, DEFAULT_READ_UNITS_PER_SECOND, DEFAULT_RESENDS_PER_SECOND, defineCommand } from '../command.ts';
import { type ExitStatus, type Operation, tellJson } from '../operation.ts';
import { ageText } from '../wording.ts';

const DEFAULT_GRACE_MINUTES = 15;

export interface AuditCommandOptions {
  readonly consumer: string | undefined;
  readonly resend: boolean;
  /** Whether to also report the events that block groups. */
  readonly waiting: boolean;
  readonly graceMs: number;
  readonly readUnitsPerSecond: number;
}

const MINUTE_MS = 60_000;

export const auditCommand = defineCommand({
  name: 'audit',
  usage: 'audit [--consumer NAME] [--resend] [--waiting] [--grace MINUTES] [--rate N]',
  text: 'compare the log with the consumers: finds events whose message was lost, and resends them',
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
  rights: [
    { on: 'outbox', actions: ['dynamodb:GetItem', 'dynamodb:Scan'] },
    { on: 'pending', actions: ['dynamodb:BatchGetItem'] },
    { on: 'inbox', actions: ['dynamodb:BatchGetItem', 'dynamodb:GetItem'] },
    { on: 'cursors', actions: ['dynamodb:BatchGetItem'] },
    { on: 'queues', actions: ['sqs:GetQueueAttributes', 'sqs:SendMessage'] },
  ],
  read: readAudit,
  run: audit,
});

function readAudit(given: Arguments): AuditCommandOptions {
  const graceMinutes = given.number('grace', { min: 0, max: 10_080, whole: false }) ?? DEFAULT_GRACE_MINUTES;
  const rate = given.number('rate', { min: 1, max: 100_000, whole: false });
  return {
    consumer: given.text('consumer'),
    resend: given.has('resend'),
    waiting: given.has('waiting'),
    graceMs: graceMinutes * MINUTE_MS,
    readUnitsPerSecond: rate ?? DEFAULT_READ_UNITS_PER_SECOND,
  };
}

const HEADINGS = ['CONSUMER', 'GROUP', 'CURSOR', 'LAST', 'AGE', 'MESSAGE', 'EVENT', 'TYPE', 'RESENT'];

export async function audit(options: AuditCommandOptions, operation: Operation): Promise<ExitStatus> {
  const { log, places, markers, clock, sleep, console, json, environmentName } = operation;
  const named = options.consumer === undefined ? operation.consumers : [operation.consumer(options.consumer)];
  const run = auditLog(
    {
      walker: log,
      log,
      places,
      markers,
      consumers: named.map(({ reconciled, queue }) => ({ ...reconciled, queue })),
      clock,
      sleep,
      readLimiter: createRateLimiter({ unitsPerSecond: options.readUnitsPerSecond, clock, sleep }),
      resendLimiter: createRateLimiter({ unitsPerSecond: DEFAULT_RESENDS_PER_SECOND, clock, sleep }),
    },
    {
      graceMs: options.graceMs,
      resend: options.resend,
      waiting: options.waiting,
      onProgress: ({ items, readUnits, missing }) =>
        console.progress(`${items} items, ${Math.ceil(readUnits)} read units, ${missing} missing`),
    },
  );
  const missing: MissingEvent[] = [];
  let next = await run.next();
  for (; !next.done; next = await run.next()) missing.push(next.value);
  if (json) tellJson(operation, { environment: environmentName, ...next.value, found: missing }, 'found');
  else tell(missing, next.value, options, operation);
  return missing.every(({ resent }) => resent) ? 0 : 1;
}

function tell(
  missing: readonly MissingEvent[],
  { items, readUnits, groups, underWay, waiting, missing: lost }: AuditProgress,
  { resend, graceMs }: AuditCommandOptions,
  { console, clock }: Operation,
): void {
  const rows = missing.map(({ consumer, event, processed, seen, resent }) => [
    consumer,
    event.group,
    processed === undefined ? 'none' : String(processed),
    String(event.sequence),
    ageText(event.committedAt, clock.now()),
    seen ? 'seen' : 'never came',
    event.id,
    event.type,
    resent ? 'yes' : 'no',
  ]);
  if (rows.length > 0) for (const row of columns([HEADINGS, ...rows])) console.line(row);
  console.line(
    `${lost} missing, ${waiting} waiting in a named place, ${underWay} younger than ${graceMs / 60_000} min; ${groups} groups, ${items} items, ${Math.ceil(readUnits)} read units`,
  );
  if (rows.length > 0 && !resend)
    console.line('nothing was sent: add --resend to send the last event of each to its queue');
}
