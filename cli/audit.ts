import {
  type AuditedConsumer,
  type AuditProgress,
  audit as auditLog,
  createRateLimiter,
  type MissingEvent,
} from '../lib/operations/index.ts';
import { columns } from '../local/view/columns.ts';
import type { AuditCommandOptions } from './command-line.ts';
import { DEFAULT_RESENDS_PER_SECOND } from './command-table.ts';
import { type ExitStatus, type Operation, strictConsumers } from './operation.ts';
import { ageText, jsonText } from './wording.ts';

const HEADINGS = ['CONSUMER', 'GROUP', 'CURSOR', 'LAST', 'AGE', 'MESSAGE', 'EVENT', 'TYPE', 'RESENT'];

export async function audit(options: AuditCommandOptions, operation: Operation): Promise<ExitStatus> {
  const { log, clock, sleep, console, json, environmentName } = operation;
  const consumers = strictConsumers(operation, options.consumer).map(
    ({ name, takes, inbox, notes, queue, strict: { cursors, startInstant, aloneStartInstant } }): AuditedConsumer => ({
      name,
      takes,
      inbox,
      notes,
      queue,
      cursors,
      startInstant,
      aloneStartInstant,
    }),
  );
  const run = auditLog(
    {
      log,
      consumers,
      clock,
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
  if (json) console.line(jsonText({ environment: environmentName, ...next.value, found: missing }));
  else tell(missing, next.value, options, operation);
  return missing.every(({ resent }) => resent) ? 0 : 1;
}

function tell(
  missing: readonly MissingEvent[],
  { items, readUnits, groups, underWay, waiting }: AuditProgress,
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
    `${missing.length} missing, ${waiting} waiting for an earlier event, ${underWay} younger than ${graceMs / 60_000} min; ${groups} groups, ${items} items, ${Math.ceil(readUnits)} read units`,
  );
  if (rows.length > 0 && !resend)
    console.line('nothing was sent: add --resend to send the last event of each to its queue');
}
