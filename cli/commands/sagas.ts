import type { SagaFailure } from '../../lib/definitions/index.ts';
import type { SagaHistoryEntry, SagaListing, SagaRecord, SagaStatus } from '../../lib/saga/index.ts';
import { SAGA_STATUSES } from '../../lib/saga/index.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, defineCommand, readTenant } from '../command.ts';
import type { OperatedSaga } from '../operated-saga.ts';
import { type ExitStatus, type Operation, tellJson } from '../operation.ts';
import { jsonText } from '../wording.ts';

const DEFAULT_LISTED_SAGAS = 50;

export interface SagasOptions {
  readonly verb: 'list' | 'show' | 'retry';
  readonly saga: string;
  /** Empty for a list. */
  readonly sagaId: string;
  readonly status: SagaStatus | undefined;
  readonly limit: number;
  readonly tenantId: string | undefined;
}

const SAGA_VERBS = ['list', 'show', 'retry'] as const;

export const sagasCommand = defineCommand({
  name: 'sagas',
  usage: 'sagas list SAGA [--status STATUS] | sagas show SAGA ID | sagas retry SAGA ID',
  text: 'list and show the instances of a process manager, and retry a failed compensation',
  more: [
    'list shows the instances that are not finished, unless --status is given. show prints the steps and the history of',
    'one instance. retry publishes a command to the instance’s group: the saga continues with the compensations that are left.',
  ],
  options: {
    status: {
      value: 'STATUS',
      values: SAGA_STATUSES,
      text: 'running, compensating, completed, compensated or compensation-failed',
    },
    limit: { value: 'N', text: `how many to list, 1 to 10000 (default: ${DEFAULT_LISTED_SAGAS})` },
    tenant: { value: 'ID', text: 'only sagas of this tenant; required if the deployment requires tenants' },
    ...COMMON,
  },
  words: 3,
  verbs: SAGA_VERBS,
  rights: [
    { on: 'sagas', actions: ['dynamodb:GetItem', 'dynamodb:Query'] },
    { on: 'sagas-indexes', actions: ['dynamodb:Query'] },
    { on: 'outbox', actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'] },
    { on: 'pending', actions: ['dynamodb:PutItem'] },
  ],
  read: readSagas,
  run: sagas,
});

function readSagas(given: Arguments): SagasOptions {
  const [word = '', saga = '', sagaId = ''] = given.positionals;
  const verb = SAGA_VERBS.find((each) => each === word);
  if (verb === undefined) given.refuse(`sagas needs one of ${SAGA_VERBS.join(', ')}, got '${word}'`);
  if (verb !== undefined && saga === '') {
    given.refuse(`sagas ${verb} needs the name of a saga: sagas ${verb} SAGA`);
  }
  if (verb === 'list' && sagaId !== '') given.refuse(`unexpected argument '${sagaId}'`);
  if (verb !== undefined && verb !== 'list') {
    if (sagaId === '') given.refuse(`sagas ${verb} needs the id of an instance: sagas ${verb} SAGA ID`);
    for (const option of ['status', 'limit'] as const) {
      if (given.has(option)) given.refuse(`--${option} is for sagas list only`);
    }
  }
  return {
    verb: verb ?? 'list',
    saga,
    sagaId,
    status: given.oneOf('status', SAGA_STATUSES),
    limit: given.number('limit', { min: 1, max: 10_000, whole: true }) ?? DEFAULT_LISTED_SAGAS,
    tenantId: readTenant(given),
  };
}

/** The statuses of unfinished instances. */
const OPEN: readonly SagaStatus[] = ['compensation-failed', 'compensating', 'running'];

export function sagas(options: SagasOptions, operation: Operation): Promise<ExitStatus> {
  const saga = operation.saga(options.saga);
  return saga.runAsTenant(options.tenantId, () => {
    switch (options.verb) {
      case 'list':
        return list(options, saga, operation);
      case 'show':
        return show(options, saga, operation);
      case 'retry':
        return retry(options, saga, operation);
    }
  });
}

async function list({ status, limit }: SagasOptions, saga: OperatedSaga, operation: Operation): Promise<ExitStatus> {
  const { console, json } = operation;
  const found: SagaListing[] = [];
  let more = false;
  for (const each of status === undefined ? OPEN : [status]) {
    for (let after: string | undefined; found.length < limit; ) {
      const page = await saga.list(each, { limit: limit - found.length, ...(after === undefined ? {} : { after }) });
      found.push(...page.items);
      after = page.next;
      if (after === undefined) break;
      more = found.length >= limit;
    }
  }
  if (json) {
    tellJson(operation, { saga: saga.name, sagas: found, more }, 'sagas');
    return 0;
  }
  if (found.length === 0) console.line(`no saga of '${saga.name}' is ${status ?? OPEN.join(', ')}`);
  else tell(console, ['SAGA', 'STATUS', 'SINCE', 'STARTED', 'VERSION', 'FAILURE'], found.map(listingRow));
  if (more) console.note(`there may be more: --limit ${limit * 10}`);
  return 0;
}

const listingRow = ({ sagaId, status, since, startedAt, version, failure }: SagaListing) => [
  sagaId,
  status,
  since,
  startedAt,
  String(version),
  failureText(failure),
];

async function show({ sagaId }: SagasOptions, saga: OperatedSaga, { console, json }: Operation): Promise<ExitStatus> {
  const record = await saga.status(sagaId);
  if (record === undefined) return unknown(saga, sagaId, console);
  const history: SagaHistoryEntry[] = [];
  for (let after: string | undefined; ; ) {
    const page = await saga.history(sagaId, after === undefined ? {} : { after });
    history.push(...page.items);
    after = page.next;
    if (after === undefined) break;
  }
  if (json) {
    console.line(jsonText({ saga: saga.name, ...record, history }));
    return 0;
  }
  for (const [name, text] of facts(record)) console.line(`${name.padEnd(9)} ${text}`.trimEnd());
  console.line('');
  tell(
    console,
    ['STEP', 'PHASE', 'ATTEMPT', 'DUE'],
    Object.entries(record.steps).map(([step, progress]) => [
      step,
      progress.phase,
      ...('attempt' in progress
        ? [String(progress.attempt), new Date(progress.dueAtSeconds * 1000).toISOString()]
        : []),
    ]),
  );
  console.line('');
  tell(
    console,
    ['#', 'AT', 'WHAT', 'STEP', 'STATUS', 'BECAUSE OF', 'SENT'],
    history.map(({ revision, at, transition, step = '', status, migratedFrom, cause, sent }) => [
      String(revision),
      at,
      migratedFrom === undefined ? transition : `${transition}, from version ${migratedFrom}`,
      step,
      status,
      `${cause.type} ${cause.id}`,
      sent.join(', '),
    ]),
  );
  return 0;
}

const facts = ({ sagaId, status, version, startedAt, changedAt, failure, abortRequested, data }: SagaRecord) =>
  [
    ['saga', sagaId],
    ['status', status],
    ['version', String(version)],
    ['started', startedAt],
    ['changed', changedAt],
    ['failure', failureText(failure)],
    ...(abortRequested === undefined
      ? []
      : ([['abort', `requested by ${abortRequested}, waits for the pivot`]] as const)),
    ['data', JSON.stringify(data)],
  ] as const;

async function retry(
  { sagaId }: SagasOptions,
  saga: OperatedSaga,
  { console, json, operator }: Operation,
): Promise<ExitStatus> {
  const record = await saga.status(sagaId);
  if (record === undefined) return unknown(saga, sagaId, console);
  const { status } = record;
  if (status !== 'compensation-failed') {
    console.note(
      `nothing was done: saga '${saga.name}' of '${sagaId}' is ${status}, only compensation-failed is retried`,
    );
    return 1;
  }
  const eventId = await saga.requestRetry(record, operator);
  console.line(
    json
      ? jsonText({ saga: saga.name, sagaId, eventId })
      : `asked '${saga.name}' to try the compensation of '${sagaId}' again (event ${eventId}); see: npx waybill sagas show ${saga.name} ${sagaId}`,
  );
  return 0;
}

function unknown({ name }: OperatedSaga, sagaId: string, console: Operation['console']): ExitStatus {
  console.note(`there is no saga '${name}' of '${sagaId}': it was never started, or its retention has ended`);
  return 1;
}

function failureText(failure: SagaFailure | undefined): string {
  if (failure === undefined) return '';
  return failure.kind === 'aborted' ? `aborted by ${failure.eventType}` : `${failure.kind} at ${failure.step}`;
}

function tell(console: Operation['console'], headings: readonly string[], rows: readonly (readonly string[])[]): void {
  for (const row of columns([headings, ...rows])) console.line(row);
}
