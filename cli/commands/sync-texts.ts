import {
  listParked,
  MOST_COUNTED_PARKED,
  readRun,
  type ScopeStatus,
  type SubscriptionStatus,
} from '../../lib/operations/index.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import type { DueSubscription, ItemRecord, RunRecord, SyncAction } from '../../lib/sync/index.ts';
import { columns } from '../../local/view/columns.ts';
import type { OperatedSync } from '../operated-sync.ts';
import { type ExitStatus, type Operation, tellJson } from '../operation.ts';
import { ageText, attemptsText, cellText, jsonText, reasonText, timeText } from '../wording.ts';

/** Of a reason on a terminal. */
const REASON_LENGTH = 100;

export function tellSubscriptions(
  name: string,
  providers: readonly SubscriptionStatus[],
  { console, clock }: Operation,
): void {
  const now = clock.now();
  for (const [index, { provider, scopes, parked, runs, actions }] of providers.entries()) {
    if (index > 0) console.line('');
    const count = parked < MOST_COUNTED_PARKED ? String(parked) : `${parked} or more`;
    console.line(`${name} from ${provider}: ${count} parked`);
    table(
      console,
      ['SCOPE', 'STATE', 'LAST READ', 'NEXT'],
      scopes.flatMap((scope) => scopeRow(scope, now)),
    );
    if (runs.length > 0) {
      console.line('');
      table(
        console,
        ['RUN', 'MODE', 'BY', 'STATUS', 'STARTED', 'CREATED', 'UPDATED', 'DELETED', 'SAME', 'PARKED', 'REASON'],
        runs.map((run) => [
          ...runRow(run),
          run.reason === undefined ? '' : cellText(reasonText(run.reason), REASON_LENGTH, console),
        ]),
      );
    }
    if (actions.length > 0) {
      console.line('');
      table(console, ['DONE', 'ACTION', 'ON', 'BY', 'REASON'], actions.map(actionRow));
    }
  }
}

function scopeRow({ scope, run, lastSuccessAt, setbacks, schedule }: ScopeStatus, now: EpochMs): readonly string[][] {
  if (run === undefined && lastSuccessAt === undefined && schedule === undefined) return [[scope, 'not read', '', '']];
  const since = run === undefined ? '' : ` for ${ageText(run.startedAt, now)}, slice ${run.slice}, ${run.phase}`;
  const idle = setbacks === 0 ? 'idle' : `idle, ${setbacks} set back in a row`;
  return [
    [
      scope,
      run === undefined ? idle : `${run.status}${since}`,
      lastSuccessAt === undefined ? 'never' : `${ageText(lastSuccessAt, now)} ago`,
      nextText(schedule, now),
    ],
  ];
}

function nextText(schedule: ScopeStatus['schedule'], now: EpochMs): string {
  if (schedule === undefined) return 'not scheduled';
  if (schedule.stopped !== undefined) {
    return `stopped by ${schedule.stopped.by} ${ageText(schedule.stopped.at, now)} ago`;
  }
  const { nextAt, asked } = schedule.schedule;
  if (asked > 0) return 'asked for';
  return nextAt <= now ? 'due' : `in ${ageText(now, nextAt)}`;
}

const runRow = ({ runId, mode, trigger, actor, status, startedAt, counts }: RunRecord) => [
  ...[runId, mode, actor ?? trigger, status, timeText(startedAt)],
  ...[counts.created, counts.updated, counts.deleted, counts.unchanged, counts.parked].map(String),
];

const actionRow = ({ at, action, target = '', by, reason = '' }: SyncAction) => [
  timeText(at),
  action,
  target,
  by,
  reason,
];

/** Of all tenants, without a tenant's own data. */
export function tellScheduled(
  name: string,
  scheduled: readonly DueSubscription[],
  limit: number,
  { console, clock }: Operation,
): void {
  if (scheduled.length === 0) {
    console.line(
      `no subscription of '${name}' is scheduled: a tenant's first run begins it (sync run ${name} --tenant ID)`,
    );
    return;
  }
  const now = clock.now();
  table(
    console,
    ['TENANT', 'PROVIDER', 'SCOPE', 'LAST WELL', 'NEXT'],
    scheduled.map(({ tenantId = '', key, schedule }) => [
      ...[tenantId, key.provider, key.scope, `${ageText(schedule.okAt, now)} ago`],
      nextText({ schedule, stopped: undefined }, now),
    ]),
  );
  if (scheduled.length === limit) console.note(`there may be more: --limit ${limit * 10}`);
}

export async function tellParked(
  found: OperatedSync,
  { providers, limit }: { readonly providers: readonly string[]; readonly limit: number },
  operation: Operation,
): Promise<ExitStatus> {
  const { console, clock } = operation;
  const parked = [];
  for (const provider of providers) {
    for (const record of await listParked(found, { sync: found.name, provider }, limit))
      parked.push({ provider, record });
  }
  const listed = parked.slice(0, limit);
  if (operation.json) {
    const records = listed.map(({ provider, record: { externalId, parked: waiting } }) => ({
      ...{ provider, externalId, code: waiting?.code, message: waiting?.message },
      ...{ attempts: waiting?.attempts, at: waiting?.at },
    }));
    tellJson(operation, { sync: found.name, parked: records, more: parked.length >= limit }, 'parked');
    return 0;
  }
  if (listed.length === 0) {
    console.line(`no record of '${found.name}' is parked`);
    return 0;
  }
  table(
    console,
    ['PROVIDER', 'RECORD', 'TRIED', 'LAST', 'REASON'],
    listed.map(({ provider, record: { externalId, parked: waiting } }) => [
      ...[provider, externalId],
      ...(waiting === undefined
        ? []
        : [
            attemptsText(waiting.attempts),
            `${ageText(waiting.at, clock.now())} ago`,
            cellText(reasonText(waiting), REASON_LENGTH, console),
          ]),
    ]),
  );
  if (parked.length >= limit) console.note(`there may be more: --limit ${limit * 10}`);
  return 0;
}

export async function tellRun(
  found: OperatedSync,
  {
    run: runId = '',
    provider,
    limit,
  }: { readonly run: string | undefined; readonly provider: string | undefined; readonly limit: number },
  operation: Operation,
): Promise<ExitStatus> {
  const { console } = operation;
  for (const name of provider === undefined ? Object.keys(found.providers) : [provider]) {
    const read = await readRun(found, { sync: found.name, provider: name }, runId, limit);
    if (read === undefined) continue;
    const { run, items } = read;
    if (operation.json) {
      console.line(jsonText({ sync: found.name, provider: name, run, items }));
      return 0;
    }
    table(
      console,
      ['RUN', 'MODE', 'BY', 'STATUS', 'STARTED', 'CREATED', 'UPDATED', 'DELETED', 'SAME', 'PARKED'],
      [runRow(run)],
    );
    if (run.reason !== undefined) console.line(`reason  ${reasonText(run.reason)}`);
    if (run.approvedBy !== undefined) console.line(`approved by ${run.approvedBy}`);
    if (items.length > 0) {
      console.line('');
      table(console, ['RECORD', 'OUTCOME', 'CHANGED', 'FROM', 'ENTITY', 'REASON'], items.map(itemRow));
    }
    if (items.length === limit) console.note(`there may be more: --limit ${limit * 10}`);
    return 0;
  }
  console.note(`'${found.name}' has no run '${runId}': runs are kept for 30 days`);
  return 1;
}

const itemRow = ({ externalId, outcome, changed, origin, localId = '', reason }: ItemRecord) => [
  ...[externalId, outcome, changed.join(', '), origin, localId],
  reason === undefined ? '' : reasonText(reason),
];

function table(console: Operation['console'], headings: readonly string[], rows: readonly (readonly string[])[]): void {
  for (const row of columns([headings, ...rows])) console.line(row);
}
