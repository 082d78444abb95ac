import { isTenantId, TenantIdError } from '../lib/definitions/index.ts';
import { FAILURE_STATES, type FailureFilter } from '../lib/operations/index.ts';
import { SAGA_STATUSES, type SagaStatus } from '../lib/saga/index.ts';
import { nearestOf } from '../lib/shared/nearest.ts';
import { type Arguments, readArguments } from '../local/start/arguments.ts';
import {
  COMMAND_NAMES,
  type CommandName,
  commandText,
  DEFAULT_GRACE_MINUTES,
  DEFAULT_LISTED_FAILURES,
  DEFAULT_LISTED_SAGAS,
  DEFAULT_MAX_READ_UNITS,
  DEFAULT_READ_UNITS_PER_SECOND,
  DEFAULT_RESENDS_PER_SECOND,
  DEFAULT_WATCH_SECONDS,
  INIT,
  isCommandName,
  OPENAPI,
  START,
} from './command-table.ts';
import { UsageError } from './usage-error.ts';

export interface StatusOptions {
  readonly consumer: string | undefined;
  /** Undefined: once. */
  readonly everySeconds: number | undefined;
}

export interface HeldOptions {
  readonly consumer: string | undefined;
  readonly state: 'dead' | 'retrying' | undefined;
  readonly tenantId: string | undefined;
}

export interface FailuresOptions {
  readonly consumer: string | undefined;
  readonly mode: 'count' | 'list' | 'show';
  /** Of `show`: the id of an event, or `message:` and the id of a message; else empty. */
  readonly subject: string;
  readonly filter: Omit<FailureFilter, 'before'>;
  readonly olderThanMs: number | undefined;
  readonly limit: number;
}

export interface SkipOptions {
  readonly consumer: string;
  readonly group: string;
  readonly sequence: number;
  readonly reason: string;
  readonly by: string | undefined;
  readonly yes: boolean;
}

export type PauseOptions =
  | { readonly verb: 'list'; readonly consumer: string | undefined }
  | {
      readonly verb: 'pause';
      readonly consumer: string;
      /** Undefined: the whole consumer. */
      readonly group: string | undefined;
      readonly reason: string;
      readonly by: string | undefined;
    };

export interface ResumeOptions {
  readonly consumer: string;
  /** Undefined: the whole consumer. */
  readonly group: string | undefined;
  readonly by: string | undefined;
}

export interface ResendOptions {
  readonly consumer: string;
  /** Undefined: every held group. */
  readonly group: string | undefined;
  readonly resendsPerSecond: number;
}

export interface DeliverOptions {
  readonly consumer: string;
  /** Undefined for the consumer's undeliverable queue. */
  readonly from: string | undefined;
  readonly messagesPerSecond: number;
}

export interface KeepOptions {
  readonly consumer: string;
  /** Undefined: every held group. */
  readonly group: string | undefined;
  readonly days: number;
}

export interface FillOptions {
  readonly group: string;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly by: string | undefined;
  readonly yes: boolean;
}

export interface HeadsOptions {
  readonly apply: boolean;
  readonly reason: string;
  readonly by: string | undefined;
  readonly readUnitsPerSecond: number;
}

export interface WhereOptions {
  readonly subject:
    | { readonly kind: 'id'; readonly eventId: string; readonly group: string | undefined }
    | { readonly kind: 'place'; readonly group: string; readonly sequence: number };
  readonly maxReadUnits: number;
}

export interface AuditCommandOptions {
  readonly consumer: string | undefined;
  readonly resend: boolean;
  /** Whether to also report the events that block groups. */
  readonly waiting: boolean;
  readonly graceMs: number;
  readonly readUnitsPerSecond: number;
}

export interface RebuildOptions {
  readonly projection: string;
  readonly mode: 'run' | 'status' | 'abort';
  readonly acceptHorizon: boolean;
  readonly acceptFailed: boolean;
}

export interface SagasOptions {
  readonly verb: 'list' | 'show' | 'retry';
  readonly saga: string;
  /** Empty for a list. */
  readonly sagaId: string;
  readonly status: SagaStatus | undefined;
  readonly limit: number;
  readonly tenantId: string | undefined;
}

export interface SettingsOptions {
  readonly verb: 'list' | 'set' | 'unset';
  /** `NAME=VALUE` for `set`, names for `unset`. */
  readonly changes: readonly string[];
  readonly consumer: string | undefined;
  readonly reason: string | undefined;
  readonly by: string | undefined;
}

export type Action =
  | { readonly name: 'status'; readonly options: StatusOptions }
  | { readonly name: 'held'; readonly options: HeldOptions }
  | { readonly name: 'failures'; readonly options: FailuresOptions }
  | { readonly name: 'skip'; readonly options: SkipOptions }
  | { readonly name: 'pause'; readonly options: PauseOptions }
  | { readonly name: 'resume'; readonly options: ResumeOptions }
  | { readonly name: 'resend'; readonly options: ResendOptions }
  | { readonly name: 'deliver'; readonly options: DeliverOptions }
  | { readonly name: 'keep'; readonly options: KeepOptions }
  | { readonly name: 'fill'; readonly options: FillOptions }
  | { readonly name: 'heads'; readonly options: HeadsOptions }
  | { readonly name: 'where'; readonly options: WhereOptions }
  | { readonly name: 'audit'; readonly options: AuditCommandOptions }
  | { readonly name: 'rebuild'; readonly options: RebuildOptions }
  | { readonly name: 'sagas'; readonly options: SagasOptions }
  | { readonly name: 'settings'; readonly options: SettingsOptions };

export type Command =
  | { readonly kind: 'help'; readonly about: CommandName | undefined }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'action';
      readonly action: Action;
      readonly environmentName: string | undefined;
      readonly json: boolean;
    };

const SEQUENCE = { min: 1, max: Number.MAX_SAFE_INTEGER, whole: true };

const ALL_NAMES: readonly string[] = [START.name, INIT.name, OPENAPI.name, ...COMMAND_NAMES];

/** Maximum number of arguments of a command, without options. */
const WORDS: Readonly<Partial<Record<CommandName, number>>> = {
  failures: 2,
  pause: 1,
  where: 1,
  rebuild: 1,
  sagas: 3,
  settings: 100,
};

/**
 * Reads the command line of an operator's command.
 * @throws UsageError `OPS_USAGE` listing all problems, and the allowed values
 */
export function readCommandLine([first, ...rest]: readonly string[]): Command {
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    const [about] = rest;
    return { kind: 'help', about: about === undefined ? undefined : commandNamed(about) };
  }
  if (first === '--version' || first === '-v') {
    const [unexpected] = rest;
    if (unexpected !== undefined) throw new UsageError(`unexpected argument '${unexpected}'`);
    return { kind: 'version' };
  }
  if (first.startsWith('-')) {
    throw new UsageError(
      `the command comes first, got '${first}': choose from ${ALL_NAMES.join(', ')}, --help, or --version`,
    );
  }
  const command = commandNamed(first);
  const { options, usage } = commandText(command);
  const given = readArguments(options, rest, { command, usage });
  if (given.has('help')) return { kind: 'help', about: command };
  const action = readAction(command, given);
  const [unexpected] = given.positionals.slice(WORDS[command] ?? 0);
  if (unexpected !== undefined && !given.isOfUnknownOption(unexpected))
    given.refuse(`unexpected argument '${unexpected}'`);
  if (given.problems.length > 0) throw new UsageError(given.problems.join('; '));
  return { kind: 'action', action, environmentName: given.text('env'), json: given.has('json') };
}

function commandNamed(name: string): CommandName {
  if (isCommandName(name)) return name;
  const guess = nearestOf(name, ALL_NAMES);
  const meant = guess === undefined ? '' : `did you mean ${guess}? `;
  throw new UsageError(`unknown command '${name}': ${meant}choose from ${ALL_NAMES.join(', ')}, or --help`);
}

function readAction(name: CommandName, given: Arguments): Action {
  switch (name) {
    case 'status':
      return { name, options: readStatus(given) };
    case 'held':
      return { name, options: readHeld(given) };
    case 'failures':
      return { name, options: readFailures(given) };
    case 'skip':
      return { name, options: readSkip(given) };
    case 'pause':
      return { name, options: readPause(given) };
    case 'resume':
      return { name, options: readResume(given) };
    case 'resend':
      return { name, options: readResend(given) };
    case 'deliver':
      return { name, options: readDeliver(given) };
    case 'keep':
      return { name, options: readKeep(given) };
    case 'fill':
      return { name, options: readFill(given) };
    case 'heads':
      return { name, options: readHeads(given) };
    case 'where':
      return { name, options: readWhere(given) };
    case 'audit':
      return { name, options: readAudit(given) };
    case 'rebuild':
      return { name, options: readRebuild(given) };
    case 'sagas':
      return { name, options: readSagas(given) };
    case 'settings':
      return { name, options: readSettings(given) };
  }
}

function readStatus(given: Arguments): StatusOptions {
  const every = given.number('every', { min: 1, max: 3_600, whole: false });
  const watches = given.has('watch');
  if (every !== undefined && !watches) given.refuse('--every needs --watch');
  return { consumer: given.text('consumer'), everySeconds: watches ? (every ?? DEFAULT_WATCH_SECONDS) : undefined };
}

function readHeld(given: Arguments): HeldOptions {
  return {
    consumer: given.text('consumer'),
    state: given.oneOf('state', ['dead', 'retrying']),
    tenantId: readTenant(given),
  };
}

const FAILURES_VERBS = ['list', 'show'] as const;
const LIST_OPTIONS = ['fingerprint', 'each', 'type', 'tenant', 'state', 'older-than', 'limit'] as const;

function readFailures(given: Arguments): FailuresOptions {
  const [word = 'list', subject = ''] = given.positionals;
  const verb = FAILURES_VERBS.find((each) => each === word);
  if (verb === undefined) given.refuse(`failures needs one of ${FAILURES_VERBS.join(', ')}, got '${word}'`);
  if (verb === 'list' && subject !== '') given.refuse(`unexpected argument '${subject}'`);
  if (verb === 'show') {
    if (subject === '') given.refuse('failures show needs the id of an event, as failures list shows it');
    for (const option of LIST_OPTIONS) if (given.has(option)) given.refuse(`--${option} is for failures list only`);
  }
  const fingerprint = given.text('fingerprint');
  if (fingerprint !== undefined && !/^[0-9a-f]{12}$/.test(fingerprint)) {
    given.refuse(`--fingerprint must have 12 hexadecimal digits, as failures shows them, got '${fingerprint}'`);
  }
  const counts = fingerprint === undefined && !given.has('each');
  const listMode = counts ? 'count' : 'list';
  const mode = verb === 'show' ? 'show' : listMode;
  if (mode === 'count' && given.has('limit')) given.refuse('--limit needs --each or --fingerprint');
  return {
    consumer: given.text('consumer'),
    mode,
    subject,
    filter: {
      fingerprint,
      type: given.text('type'),
      tenantId: readTenant(given),
      state: given.oneOf('state', FAILURE_STATES),
    },
    olderThanMs: readAge(given, 'older-than'),
    limit: given.number('limit', { min: 1, max: 1_000_000, whole: true }) ?? DEFAULT_LISTED_FAILURES,
  };
}

const AGE_UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function readAge(given: Arguments, option: string): number | undefined {
  const text = given.text(option);
  if (text === undefined) return undefined;
  const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (unit === '') given.refuse(`--${option} must be a number and s, m, h or d, such as 90s or 2d, got '${text}'`);
  return Number(number) * (AGE_UNIT_MS[unit] ?? 0);
}

function readTenant(given: Arguments): string | undefined {
  const tenantId = given.text('tenant');
  if (tenantId !== undefined && !isTenantId(tenantId)) given.refuse(`--tenant: ${new TenantIdError(tenantId).message}`);
  return tenantId;
}

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

function readPause(given: Arguments): PauseOptions {
  const [word] = given.positionals;
  if (word !== undefined && word !== 'list') given.refuse(`pause needs list or no verb, got '${word}'`);
  if (word === 'list') {
    for (const option of ['group', 'reason', 'by'] as const) {
      if (given.has(option)) given.refuse(`--${option} is not for pause list`);
    }
    return { verb: 'list', consumer: given.text('consumer') };
  }
  return {
    verb: 'pause',
    consumer: given.needed('consumer'),
    group: given.text('group'),
    reason: given.needed('reason'),
    by: given.text('by'),
  };
}

const readResume = (given: Arguments): ResumeOptions => ({
  consumer: given.needed('consumer'),
  group: given.text('group'),
  by: given.text('by'),
});

/** One group, or undefined for every held group. */
function readGroups(command: 'resend' | 'keep', given: Arguments): string | undefined {
  const group = given.text('group');
  if ((group === undefined) !== given.has('all-held')) {
    given.refuse(
      group === undefined
        ? `${command} needs --group GROUP or --all-held`
        : '--group and --all-held exclude each other: give one of them',
    );
  }
  return group;
}

function readKeep(given: Arguments): KeepOptions {
  const consumer = given.needed('consumer');
  given.needed('days');
  const days = given.number('days', { min: 1, max: 3_650, whole: true }) ?? 0;
  return { consumer, group: readGroups('keep', given), days };
}

function readFill(given: Arguments): FillOptions {
  const group = given.needed('group');
  given.needed('from');
  const from = given.number('from', SEQUENCE) ?? 0;
  const to = given.number('to', SEQUENCE) ?? from;
  if (to < from) given.refuse(`--to must not be before --from, got ${from} to ${to}`);
  return { group, from, to, reason: given.needed('reason'), by: given.text('by'), yes: given.has('yes') };
}

function readHeads(given: Arguments): HeadsOptions {
  const rate = given.number('rate', { min: 1, max: 100_000, whole: false });
  return {
    apply: given.has('apply'),
    reason: given.needed('reason'),
    by: given.text('by'),
    readUnitsPerSecond: rate ?? DEFAULT_READ_UNITS_PER_SECOND,
  };
}

function readResend(given: Arguments): ResendOptions {
  const consumer = given.needed('consumer');
  const group = readGroups('resend', given);
  const rate = given.number('rate', { min: 0.1, max: 300, whole: false });
  return { consumer, group, resendsPerSecond: rate ?? DEFAULT_RESENDS_PER_SECOND };
}

function readDeliver(given: Arguments): DeliverOptions {
  const consumer = given.needed('consumer');
  const rate = given.number('rate', { min: 0.1, max: 300, whole: false });
  const from = given.text('from');
  if (from !== undefined && !/^https?:\/\/./.test(from)) {
    given.refuse(`--from must be the URL of a queue, such as https://sqs.eu-central-1.amazonaws.com/…, got '${from}'`);
  }
  return { consumer, from, messagesPerSecond: rate ?? DEFAULT_RESENDS_PER_SECOND };
}

function readWhere(given: Arguments): WhereOptions {
  const [eventId] = given.positionals;
  const group = given.text('group');
  const sequence = given.number('sequence', SEQUENCE);
  const maxReadUnits =
    given.number('max-read-units', { min: 1, max: 1_000_000_000, whole: true }) ?? DEFAULT_MAX_READ_UNITS;
  if (eventId !== undefined) {
    if (given.has('sequence')) given.refuse('an event id and --sequence exclude each other: give one of them');
    return { subject: { kind: 'id', eventId, group }, maxReadUnits };
  }
  if (group === undefined || !given.has('sequence')) {
    given.refuse('where needs an event id, or --group GROUP and --sequence N');
  }
  return { subject: { kind: 'place', group: group ?? '', sequence: sequence ?? 0 }, maxReadUnits };
}

const MINUTE_MS = 60_000;

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

function readRebuild(given: Arguments): RebuildOptions {
  const [projection = ''] = given.positionals;
  if (projection === '') given.refuse('rebuild needs the name of a projection: rebuild PROJECTION');
  const modes = (['status', 'abort'] as const).filter((mode) => given.has(mode));
  if (modes.length > 1) given.refuse('--status and --abort exclude each other: give one of them');
  return {
    projection,
    mode: modes[0] ?? 'run',
    acceptHorizon: given.has('accept-horizon'),
    acceptFailed: given.has('accept-failed'),
  };
}

const SAGA_VERBS = ['list', 'show', 'retry'] as const;

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

const SETTINGS_VERBS = ['list', 'set', 'unset'] as const;

function readSettings(given: Arguments): SettingsOptions {
  const [word = 'list', ...changes] = given.positionals;
  const verb = SETTINGS_VERBS.find((each) => each === word);
  if (verb === undefined) given.refuse(`settings needs one of ${SETTINGS_VERBS.join(', ')}, got '${word}'`);
  if (verb === 'list') {
    const [unexpected] = changes;
    if (unexpected !== undefined) given.refuse(`unexpected argument '${unexpected}'`);
    for (const option of ['reason', 'by'] as const) {
      if (given.has(option)) given.refuse(`--${option} is for settings set and settings unset only`);
    }
  }
  if (verb === 'set' && changes.length === 0) given.refuse('settings set needs NAME=VALUE');
  if (verb === 'unset' && changes.length === 0) given.refuse('settings unset needs the NAME of a setting');
  return {
    verb: verb ?? 'list',
    changes,
    consumer: given.text('consumer'),
    reason: given.text('reason'),
    by: given.text('by'),
  };
}
