import { columns } from '../view/columns.ts';
import type { Arguments, OptionTable } from './arguments.ts';
import type { LogOptions } from './run-logs.ts';

const DEFAULT_SEED = 1;
export const MAX_SEED = 2 ** 32 - 1;
export const MAX_PORT = 65_535;

/** What every run of an app can be told, whoever drives it. */
export interface RunOptions extends LogOptions {
  readonly seed: number;
  /** 0 takes a free one. */
  readonly port: number;
  /** Undefined is without faults. */
  readonly chaosSeed: number | undefined;
  readonly watch: boolean;
  /** Whether it has the bundles and validations of a deployment; faults ask for them as well. */
  readonly release: boolean;
}

/** The options of `RunOptions`, for the option table of a command. */
export const RUN_OPTIONS = {
  port: {
    value: 'N',
    text: `port of the endpoint on 127.0.0.1, 0 to ${MAX_PORT}; 0 takes a free one`,
    without: '0',
  },
  seed: {
    value: 'S',
    text: `whole number, 0 to ${MAX_SEED}: the same seed makes the same ids`,
    without: String(DEFAULT_SEED),
  },
  chaos: {
    value: 'SEED',
    text: `faults on, drawn by the seed (a whole number, 0 to ${MAX_SEED})`,
    without: 'no faults',
  },
  watch: {
    text: 'deploy what is saved over the run, keeping the state; cdk.json says what is watched',
    without: 'the stacks as they were at the start',
  },
  release: {
    text: 'run what cdk deploy would take: the bundles and the validations of cdk synth',
    without: 'a quick start with shared, unminified code; with --chaos, as with --release',
  },
  verbose: { text: 'show what the functions log and the engines do, one line each', without: 'warnings only' },
  logs: {
    value: 'NAME',
    text: 'show what this consumer or function logs; can be given more than once; the synthesis tells which names there are',
    without: 'none, or all with --verbose or --json-logs',
  },
  'json-logs': {
    text: 'show logs as lines of JSON on stdout, as the functions write them; all else on stderr',
    without: 'for people',
  },
  help: { short: 'h', text: 'show this' },
} as const satisfies OptionTable;

export function readRunOptions(given: Arguments): RunOptions {
  const chaosSeed = given.number('chaos', { min: 0, max: MAX_SEED, whole: true });
  return {
    seed: given.number('seed', { min: 0, max: MAX_SEED, whole: true }) ?? DEFAULT_SEED,
    port: given.number('port', { min: 0, max: MAX_PORT, whole: true }) ?? 0,
    chaosSeed,
    watch: given.has('watch'),
    release: given.has('release') || chaosSeed !== undefined,
    verbose: given.has('verbose'),
    logs: given.all('logs'),
    jsonLogs: given.has('json-logs'),
  };
}

export interface HelpTexts {
  /** What the command does, in one sentence. */
  readonly purpose: string;
  readonly usage: string;
  readonly options: OptionTable;
  /** Command lines, and what they are for. */
  readonly examples: readonly (readonly [line: string, purpose: string])[];
  readonly statuses: readonly (readonly [status: string, meaning: string])[];
}

/** What `--help` prints. */
export function helpOf({ purpose, usage, options, examples, statuses }: HelpTexts): string {
  const rows = Object.entries(options).map(([name, { value, short, text, without }]) => [
    `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`,
    without === undefined ? text : `${text} (default: ${without})`,
  ]);
  const indented = (lines: readonly (readonly string[])[]) => columns(lines).map((line) => `  ${line}`);
  return [
    purpose,
    '',
    `Usage: ${usage}`,
    '',
    'Options:',
    ...indented(rows),
    '',
    'Examples:',
    ...indented(examples),
    '',
    'Exit status:',
    ...indented(statuses),
    '',
  ].join('\n');
}
