import { parseArgs } from 'node:util';
import { nearestOf } from '../../../../lib/shared/nearest.ts';
import { UsageError } from '../../../../local/start/usage-error.ts';
import {
  DEFAULT_ENVIRONMENT,
  DEFAULT_ORDERS,
  DEFAULT_SEED,
  FULFILMENTS,
  isOptionName,
  MAX_ORDERS,
  MAX_PORT,
  MAX_RATE,
  MAX_SEED,
  MAX_TENANTS,
  MIN_RATE,
  OPTION_TEXTS,
  type OptionName,
} from './option-table.ts';

export interface RunOptions {
  /** Undefined takes every order of the input. */
  readonly orders: number | undefined;
  readonly seed: number;
  /** CSV; undefined generates orders. */
  readonly inputFile: string | undefined;
  /** Undefined leaves it to the environment's settings. */
  readonly fulfilment: (typeof FULFILMENTS)[number] | undefined;
  /** How many share the stacks; undefined is a deployment without tenants. */
  readonly tenants: number | undefined;
  /** Undefined is as fast as the shop keeps up. */
  readonly ordersPerSecond: number | undefined;
  /** 0 takes a free one. */
  readonly port: number;
  /** Undefined is without faults. */
  readonly chaosSeed: number | undefined;
  /** Whether newer revisions of the shop are deployed while its orders flow. */
  readonly redeploy: boolean;
  readonly watch: boolean;
  readonly exit: boolean;
  readonly json: boolean;
  readonly environment: string;
  readonly verbose: boolean;
  /** Whose logs are shown, by the name of the consumer or function; empty says nothing about it. */
  readonly logs: readonly string[];
  readonly jsonLogs: boolean;
}

export type Command = { readonly kind: 'help' } | { readonly kind: 'run'; readonly options: RunOptions };

/**
 * Reads the command line.
 * @throws UsageError `LOCAL_USAGE` naming everything that is wrong with it, and what is allowed
 */
export function readCommand(args: readonly string[]): Command {
  const { given, problems } = readArguments(args);
  if (given.has('help')) return { kind: 'help' };
  const last = (name: OptionName) => given.get(name)?.at(-1);
  const inputFile = last('input');
  const number = (name: OptionName, range: NumberRange) => readNumber(name, last(name), range, problems);
  const options: RunOptions = {
    orders:
      number('orders', { min: 1, max: MAX_ORDERS, whole: true }) ??
      (inputFile === undefined ? DEFAULT_ORDERS : undefined),
    seed: number('seed', { min: 0, max: MAX_SEED, whole: true }) ?? DEFAULT_SEED,
    inputFile,
    fulfilment: readOneOf('saga', last('saga'), FULFILMENTS, problems),
    tenants: number('tenants', { min: 1, max: MAX_TENANTS, whole: true }),
    ordersPerSecond: number('rate', { min: MIN_RATE, max: MAX_RATE, whole: false }),
    port: number('port', { min: 0, max: MAX_PORT, whole: true }) ?? 0,
    chaosSeed: number('chaos', { min: 0, max: MAX_SEED, whole: true }),
    redeploy: given.has('redeploy'),
    watch: given.has('watch'),
    exit: given.has('exit'),
    json: given.has('json'),
    environment: last('env') ?? DEFAULT_ENVIRONMENT,
    verbose: given.has('verbose'),
    logs: given.get('logs') ?? [],
    jsonLogs: given.has('json-logs'),
  };
  if (options.watch && options.exit) problems.push('--watch stays up for changes, --exit does not: give one of them');
  if (options.watch && options.redeploy) {
    problems.push('--watch deploys what is saved, --redeploy revisions of its own: give one of them');
  }
  if (problems.length > 0) throw new UsageError(problems.join('; '));
  return { kind: 'run', options };
}

const KNOWN = Object.fromEntries(
  OPTION_TEXTS.map(([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' } as const]),
);

function readArguments(args: readonly string[]) {
  const given = new Map<OptionName, readonly string[]>();
  const problems: string[] = [];
  // not strict: the messages are ours
  const { tokens } = parseArgs({ args: [...args], options: KNOWN, strict: false, tokens: true });
  let isAfterUnknown = false;
  for (const token of tokens) {
    const mayBeItsValue = isAfterUnknown;
    isAfterUnknown = false;
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      if (mayBeItsValue) continue;
      problems.push(`unexpected argument '${token.value}': everything is given by options, see --help`);
    } else if (!isOptionName(token.name)) {
      isAfterUnknown = token.value === undefined;
      const guess = nearestOf(token.rawName, ALLOWED);
      const meant = guess === undefined ? '' : `did you mean ${guess}? `;
      problems.push(`unknown option '${token.rawName}': ${meant}allowed are ${ALLOWED.join(', ')}`);
    } else if (KNOWN[token.name]?.type === 'boolean' && token.value !== undefined) {
      problems.push(`--${token.name} takes no value, got '${token.value}'`);
    } else if (KNOWN[token.name]?.type === 'string' && (token.value ?? '') === '') {
      problems.push(`--${token.name} needs a value, see --help`);
    } else {
      given.set(token.name, [...(given.get(token.name) ?? []), token.value ?? '']);
    }
  }
  return { given, problems };
}

const ALLOWED = OPTION_TEXTS.map(([name]) => `--${name}`);

interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
}

function readNumber(
  name: OptionName,
  text: string | undefined,
  { min, max, whole }: NumberRange,
  problems: string[],
): number | undefined {
  if (text === undefined) return undefined;
  const form = whole ? /^\d+$/ : /^\d+(\.\d+)?$/;
  const value = Number(text);
  if (form.test(text) && value >= min && value <= max) return value;
  problems.push(`--${name} must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, got '${text}'`);
  return undefined;
}

function readOneOf<const Value extends string>(
  name: OptionName,
  text: string | undefined,
  allowed: readonly Value[],
  problems: string[],
): Value | undefined {
  const value = allowed.find((each) => each === text);
  if (text !== undefined && value === undefined) {
    problems.push(`--${name} must be one of ${allowed.join(', ')}, got '${text}'`);
  }
  return value;
}
