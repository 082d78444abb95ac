import { isTenantId, TenantIdError } from '../lib/definitions/index.ts';
import type { Arguments, OptionTable } from '../local/start/arguments.ts';
import { type ExitStatus, type Operation, OUTPUT_FORMATS } from './operation.ts';
import type { Right } from './rights.ts';

interface CommandText {
  readonly usage: string;
  readonly text: string;
  readonly more: readonly string[];
  readonly options: OptionTable;
  /** What it is allowed to call, besides the list of functions; `waybill iam` prints it as a policy. */
  readonly rights: readonly Right[];
}

/** A command of the operator: its help, how its arguments are read, and what it does. */
export interface CommandDefinition<Name extends string, Options> extends CommandText {
  readonly name: Name;
  /** Maximum number of arguments, without options. @default 0 */
  readonly words?: number;
  /** What its first argument may be, for completions. @default anything */
  readonly verbs?: readonly string[];
  /** Tells `given` of every problem. Its result is used only if there is none. */
  read(given: Arguments): Options;
  /** Checks what needs more than the command line, before the first call. @throws UsageError `OPS_USAGE` */
  check?(options: Options): void;
  run(options: Options, operation: Operation): Promise<ExitStatus>;
}

/** A command with its arguments. */
export interface Action {
  readonly name: string;
  readonly options: unknown;
  check(): void;
  run(operation: Operation): Promise<ExitStatus>;
}

/** A command whose options nobody else needs to know. */
export interface OperatorCommand extends CommandText {
  readonly name: string;
  readonly words: number;
  readonly verbs: readonly string[];
  prepare(given: Arguments): Action;
}

export const defineCommand = <Name extends string, Options>(
  definition: CommandDefinition<Name, Options>,
): OperatorCommand => {
  const { name, usage, text, more, options, rights, words = 0, verbs = [] } = definition;
  return {
    ...{ name, usage, text, more, options, rights, words, verbs },
    prepare(given) {
      const read = definition.read(given);
      return {
        name,
        options: read,
        check: () => definition.check?.(read),
        run: (operation) => definition.run(read, operation),
      };
    },
  };
};

export const DEFAULT_RESENDS_PER_SECOND = 10;
export const DEFAULT_READ_UNITS_PER_SECOND = 500;

/** Options of every command. */
export const COMMON = {
  env: { value: 'NAME', text: 'environment; needed when the account and region have several' },
  output: {
    value: 'FORMAT',
    values: OUTPUT_FORMATS,
    text: 'text, json (one line on stdout; all else on stderr), or jsonl (a list as one line for each entry)',
  },
  json: { text: 'the same as --output json' },
  profile: { value: 'NAME', text: 'profile of the AWS configuration (default: AWS_PROFILE)' },
  region: { value: 'REGION', text: 'region (default: AWS_REGION, or that of the profile)' },
  'command-timeout': { value: 'SECONDS', text: 'stop the command after this time, 1 to 86400 (default: none)' },
  help: { short: 'h', text: 'show this' },
} as const;

export const CONSUMER = { value: 'NAME', text: 'consumer (required)' } as const;

export const SEQUENCE = { min: 1, max: Number.MAX_SAFE_INTEGER, whole: true };

export function readTenant(given: Arguments): string | undefined {
  const tenantId = given.text('tenant');
  if (tenantId !== undefined && !isTenantId(tenantId)) given.refuse(`--tenant: ${new TenantIdError(tenantId).message}`);
  return tenantId;
}

/** One group, or undefined for every held group. */
export function readGroups(command: 'resend' | 'keep', given: Arguments): string | undefined {
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
