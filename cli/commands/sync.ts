import { readSubscription, type SubscriptionStatus } from '../../lib/operations/index.ts';
import type { SyncActor, SyncMode, SyncScope } from '../../lib/sync/index.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { COMMON, defineCommand, readTenant } from '../command.ts';
import type { OperatedSync } from '../operated-sync.ts';
import { type ExitStatus, type Operation, tellJson } from '../operation.ts';
import { UsageError } from '../usage-error.ts';
import { jsonText } from '../wording.ts';
import { tellParked, tellRun, tellScheduled, tellSubscriptions } from './sync-texts.ts';

const SYNC_VERBS = [
  'status',
  'run',
  'backfill',
  'reconcile',
  'approve',
  'cancel',
  'parked',
  'retry',
  'skip',
  'stop',
  'start',
] as const;

type SyncVerb = (typeof SYNC_VERBS)[number];

export interface SyncCommandOptions {
  readonly verb: SyncVerb;
  /** Undefined only for status: all syncs. */
  readonly sync: string | undefined;
  /** Of the record, for retry and skip. */
  readonly externalId: string | undefined;
  readonly provider: string | undefined;
  readonly tenantId: string | undefined;
  readonly run: string | undefined;
  readonly scope: SyncScope | undefined;
  readonly reason: string | undefined;
  readonly by: string | undefined;
  readonly limit: number;
  readonly yes: boolean;
}

const DEFAULT_LISTED = 20;

/** What cannot be undone, or keeps data from coming: somebody has to say why. */
const NEEDS_REASON: readonly SyncVerb[] = ['approve', 'cancel', 'skip', 'stop'];
const ASKS: readonly SyncVerb[] = ['approve', 'cancel', 'skip'];
const READS: readonly SyncVerb[] = ['status', 'parked'];

/** Verbs for which an option is there. */
const VERBS_OF = {
  run: ['status', 'approve'],
  scope: ['cancel'],
  limit: READS,
  yes: ASKS,
  reason: SYNC_VERBS.filter((verb) => !READS.includes(verb)),
  by: SYNC_VERBS.filter((verb) => !READS.includes(verb)),
} as const satisfies Readonly<Record<string, readonly SyncVerb[]>>;

export const syncCommand = defineCommand({
  name: 'sync',
  usage:
    'sync status [NAME] [--run ID] | sync run|backfill|reconcile NAME | sync parked NAME | sync retry NAME [ID] | sync skip NAME ID --reason TEXT | sync approve|cancel NAME --reason TEXT | sync stop|start NAME',
  text: 'run syncs, see their runs and parked records, and decide what waits for somebody',
  more: [
    'run asks for an increment, backfill reads all records, reconcile also deletes those that are missing. approve lets a',
    'reconcile delete what it found missing, cancel ends a run. retry takes one parked record at once, or all with a run;',
    'skip gives a parked change up: the record stays as it is until it changes again. stop keeps runs from beginning by',
    'themselves, start lets them. Who did it and why is kept for 30 days; status shows it.',
  ],
  options: {
    provider: { value: 'NAME', text: 'provider (default: the only one; for status and parked, all)' },
    tenant: { value: 'ID', text: 'tenant; required if the deployment requires tenants, but for status' },
    run: { value: 'ID', text: 'status: this run with its records; approve: only this run' },
    scope: {
      value: 'SCOPE',
      values: ['increment', 'full'],
      text: 'cancel: the run of this scope (default: the only one)',
    },
    limit: { value: 'N', text: `how many to list, 1 to 10000 (default: ${DEFAULT_LISTED})` },
    reason: { value: 'TEXT', text: `why (required for ${NEEDS_REASON.join(', ')})` },
    by: { value: 'NAME', text: 'who decided it (default: user and host)' },
    yes: { text: `do not ask for confirmation (${ASKS.join(', ')}); required without a terminal` },
    ...COMMON,
  },
  words: 3,
  verbs: SYNC_VERBS,
  rights: [
    { on: 'syncs', actions: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:PutItem'] },
    { on: 'syncs-indexes', actions: ['dynamodb:Query'] },
    { on: 'outbox', actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:BatchGetItem'] },
    { on: 'pending', actions: ['dynamodb:PutItem'] },
  ],
  read: readSync,
  run: sync,
});

function readSync(given: Arguments): SyncCommandOptions {
  const [word = '', name, externalId] = given.positionals;
  const verb = SYNC_VERBS.find((each) => each === word);
  if (verb === undefined) given.refuse(`sync needs one of ${SYNC_VERBS.join(', ')}, got '${word}'`);
  if (verb !== undefined) refuseUnfitting(given, verb, name, externalId);
  return {
    verb: verb ?? 'status',
    sync: name,
    externalId,
    provider: given.text('provider'),
    tenantId: readTenant(given),
    run: given.text('run'),
    scope: given.oneOf('scope', ['increment', 'full']),
    reason: given.text('reason'),
    by: given.text('by'),
    limit: given.number('limit', { min: 1, max: 10_000, whole: true }) ?? DEFAULT_LISTED,
    yes: given.has('yes'),
  };
}

function refuseUnfitting(
  given: Arguments,
  verb: SyncVerb,
  name: string | undefined,
  externalId: string | undefined,
): void {
  if (verb !== 'status' && name === undefined) given.refuse(`sync ${verb} needs the name of a sync: sync ${verb} NAME`);
  if (verb === 'skip' && externalId === undefined) {
    given.refuse('sync skip needs the id of a record, as sync parked shows it: sync skip NAME ID');
  }
  if (verb !== 'skip' && verb !== 'retry' && externalId !== undefined) {
    given.refuse(`unexpected argument '${externalId}'`);
  }
  for (const [option, verbs] of Object.entries(VERBS_OF) as [keyof typeof VERBS_OF, readonly SyncVerb[]][]) {
    if (given.has(option) && !verbs.includes(verb)) given.refuse(`--${option} is for sync ${verbs.join(', ')} only`);
  }
  if (NEEDS_REASON.includes(verb)) given.needed('reason');
}

export async function sync(options: SyncCommandOptions, operation: Operation): Promise<ExitStatus> {
  if (options.sync === undefined) return statusOfAll(options, operation);
  const found = operation.sync(options.sync);
  if (options.tenantId === undefined && found.tenancy === 'required') {
    if (options.verb === 'status' && options.run === undefined) return listAllTenants(found, options, operation);
    throw new UsageError(`the deployment requires tenants: name one with --tenant`);
  }
  if (options.tenantId !== undefined && found.tenancy === 'none') {
    throw new UsageError('the deployment has no tenants: leave out --tenant');
  }
  return found.runAsTenant(options.tenantId, () => ofTenant(found, options, operation));
}

async function statusOfAll(options: SyncCommandOptions, operation: Operation): Promise<ExitStatus> {
  const { syncs, console, json } = operation;
  if (options.run !== undefined || options.provider !== undefined) {
    throw new UsageError('--run and --provider need the name of a sync: sync status NAME');
  }
  if (syncs.length === 0 && !json) {
    console.line(`environment '${operation.environmentName}' has no syncs`);
    return 0;
  }
  if (json && syncs.length !== 1) {
    const all = syncs.map((name) => ({ sync: name, providers: Object.keys(operation.sync(name).providers) }));
    tellJson(operation, { environment: operation.environmentName, syncs: all }, 'syncs');
    return 0;
  }
  let status: ExitStatus = 0;
  for (const [index, name] of syncs.entries()) {
    if (index > 0) console.line('');
    if ((await sync({ ...options, sync: name }, operation)) !== 0) status = 1;
  }
  return status;
}

async function listAllTenants(
  found: OperatedSync,
  { limit }: SyncCommandOptions,
  operation: Operation,
): Promise<ExitStatus> {
  const scheduled = await found.scheduled(limit);
  if (operation.json) tellJson(operation, { sync: found.name, scheduled }, 'scheduled');
  else tellScheduled(found.name, scheduled, limit, operation);
  return 0;
}

function ofTenant(found: OperatedSync, options: SyncCommandOptions, operation: Operation): Promise<ExitStatus> {
  switch (options.verb) {
    case 'status':
      return options.run === undefined ? status(found, options, operation) : tellRun(found, options, operation);
    case 'parked':
      return tellParked(found, { ...options, providers: providersOf(found, options) }, operation);
    default:
      return act(found, options.verb, options, operation);
  }
}

async function status(found: OperatedSync, options: SyncCommandOptions, operation: Operation): Promise<ExitStatus> {
  const providers: SubscriptionStatus[] = [];
  for (const provider of providersOf(found, options)) {
    providers.push(await readSubscription(found, { sync: found.name, provider }, options.limit));
  }
  if (operation.json) tellJson(operation, { sync: found.name, providers }, 'providers');
  else tellSubscriptions(found.name, providers, operation);
  return 0;
}

/** All, or the named one. */
const providersOf = (found: OperatedSync, { provider }: SyncCommandOptions): readonly string[] =>
  provider === undefined ? Object.keys(found.providers) : [theProvider(found, provider)];

/** @throws UsageError `OPS_USAGE` if there are several, or no such one */
function theProvider({ name, providers }: OperatedSync, wanted: string | undefined): string {
  const names = Object.keys(providers);
  const [only = ''] = names;
  if (wanted !== undefined) {
    if (names.includes(wanted)) return wanted;
    throw new UsageError(`sync '${name}' has no provider '${wanted}': choose one of ${names.join(', ')}`);
  }
  if (names.length === 1) return only;
  throw new UsageError(`sync '${name}' has several providers: name one of ${names.join(', ')} with --provider`);
}

async function act(
  found: OperatedSync,
  verb: Exclude<SyncVerb, 'status' | 'parked'>,
  options: SyncCommandOptions,
  operation: Operation,
): Promise<ExitStatus> {
  const { console, json, operator } = operation;
  const provider = theProvider(found, options.provider);
  const planned = await plan(found, verb, provider, options);
  if (ASKS.includes(verb) && !options.yes && !(await isAgreed(planned.question, operation))) {
    console.note('nothing was done');
    return 1;
  }
  const id = await planned.run({ by: options.by ?? operator, reason: options.reason });
  if (json) {
    console.line(jsonText({ sync: found.name, provider, action: verb, ...(id !== undefined && { id }) }));
  } else {
    console.line(`${planned.done}${id === undefined ? '' : ` (${id})`}; see: npx waybill sync status ${found.name}`);
  }
  return 0;
}

interface Plan {
  readonly question: string;
  readonly done: string;
  /** @returns the id of the run or event, if there is one */
  readonly run: (actor: SyncActor) => Promise<string | undefined>;
}

async function plan(
  found: OperatedSync,
  verb: Exclude<SyncVerb, 'status' | 'parked'>,
  provider: string,
  { externalId = '', run, scope }: SyncCommandOptions,
): Promise<Plan> {
  const { commands, name } = found;
  const of = `'${name}' from '${provider}'`;
  const request = (mode: SyncMode): Plan => ({
    question: '',
    done: `asked for a run that reads ${of} (${mode})`,
    run: (actor) => commands.request(provider, mode, actor),
  });
  switch (verb) {
    case 'run':
      return request('increment');
    case 'backfill':
    case 'reconcile':
      return request(verb);
    case 'retry':
      if (externalId === '') return request('increment');
      return {
        question: '',
        done: `record '${externalId}' of ${of} is tried again`,
        run: (actor) => commands.retry(provider, externalId, actor),
      };
    case 'skip':
      return {
        question: `'${name}' will not take this change of record '${externalId}'. Skip it?`,
        done: `skipped the parked change of record '${externalId}' of ${of}`,
        run: async (actor) => void (await commands.skip(provider, externalId, actor)),
      };
    case 'approve': {
      const runId = run ?? (await waitingRun(found, provider));
      return {
        question: `Run ${runId} will delete what it found missing, each confirmed by '${provider}'. Approve it?`,
        done: `approved the deletes of ${of}`,
        run: async (actor) => {
          await commands.approve(provider, runId, actor);
          return runId;
        },
      };
    }
    case 'cancel': {
      const which = scope ?? (await onlyScope(found, provider));
      return {
        question: `The run of ${of} (${which}) ends; what it has done stays. Cancel it?`,
        done: `cancelled the run of ${of} (${which})`,
        run: (actor) => commands.cancel(provider, which, actor),
      };
    }
    case 'stop':
      return {
        question: '',
        done: `stopped the schedule of ${of}: no run begins by itself until sync start`,
        run: async (actor) => void (await commands.stop(provider, actor)),
      };
    case 'start':
      return {
        question: '',
        done: `started the schedule of ${of}: a run is due within a minute`,
        run: async (actor) => void (await commands.start(provider, actor)),
      };
  }
}

async function waitingRun({ name, store }: OperatedSync, provider: string): Promise<string> {
  const { run } = await store.readScope({ sync: name, provider, scope: 'full' });
  if (run?.status === 'awaiting-approval') return run.runId;
  throw new UsageError(`no run of '${name}' from '${provider}' waits for an approval`);
}

async function onlyScope({ name, store }: OperatedSync, provider: string): Promise<SyncScope> {
  const running: SyncScope[] = [];
  for (const scope of ['increment', 'full'] as const) {
    if ((await store.readScope({ sync: name, provider, scope })).run !== undefined) running.push(scope);
  }
  const [scope, ...others] = running;
  if (scope === undefined) throw new UsageError(`no run of '${name}' from '${provider}' is under way`);
  if (others.length === 0) return scope;
  throw new UsageError(`two runs of '${name}' from '${provider}' are under way: choose one with --scope`);
}

async function isAgreed(question: string, { console }: Operation): Promise<boolean> {
  const agreed = await console.confirm(question);
  if (agreed === undefined) throw new UsageError('there is no terminal to ask on: add --yes to go on without asking');
  return agreed;
}
