import { type Arguments, type OptionTable, readArguments } from '../../local/start/arguments.ts';
import type { TerminalCommand } from '../../local/start/run-in-terminal.ts';
import { helpOf, RUN_OPTIONS, type RunOptions, readRunOptions } from '../../local/start/run-options.ts';
import { UsageError } from '../../local/start/usage-error.ts';

export interface StartOptions extends RunOptions {
  /** Folders of CDK apps, or output folders of `cdk synth`, in the order of deployment; at least one. */
  readonly folders: readonly string[];
  /** CDK context for the synthesis of each app. */
  readonly context: Readonly<Record<string, string>>;
  /** Paths of constructs, or logical ids, that do not run. */
  readonly without: readonly string[];
  /** Whether tokens come from the app's own issuers. */
  readonly realIssuers: boolean;
}

export const START_OPTIONS = {
  env: { value: 'NAME', text: 'environment to synthesize: the same as -c env=NAME', without: 'what the app says' },
  context: { value: 'KEY=VALUE', short: 'c', text: 'CDK context; can be given more than once', without: 'none' },
  without: {
    value: 'PATH',
    text: 'leave out what the local run cannot know: a construct by its path, with all below it, or a logical id; can be given more than once',
    without: 'everything runs',
  },
  driver: {
    value: 'FILE',
    text: 'a module whose main(args) runs the app instead, with all other arguments; without the file the app runs as it is',
    without: 'none',
  },
  'real-issuers': {
    text: "verify access tokens with the keys of the app's own issuers, over the network",
    without: 'the run issues them itself, see docs/local-run.md',
  },
  ...RUN_OPTIONS,
} as const satisfies OptionTable;

/**
 * Reads the command line.
 * @throws UsageError `LOCAL_USAGE` listing all problems, and the allowed values
 */
export function readStartCommand(args: readonly string[]): TerminalCommand<StartOptions> {
  const given = readArguments(START_OPTIONS, args);
  if (given.has('help')) return { kind: 'help' };
  const folders = given.positionals.filter((word) => !given.isOfUnknownOption(word));
  if (given.has('driver')) given.refuse('--driver is given once');
  const options: StartOptions = {
    ...readRunOptions(given),
    folders: folders.length === 0 ? ['.'] : folders,
    context: readContext(given),
    without: given.all('without'),
    realIssuers: given.has('real-issuers'),
  };
  if (given.problems.length > 0) throw new UsageError(given.problems.join('; '));
  return { kind: 'run', options };
}

function readContext(given: Arguments): Readonly<Record<string, string>> {
  const pairs = given.all('context').flatMap((text): [string, string][] => {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (key !== undefined && value !== undefined) return [[key, value]];
    given.refuse(`--context must be KEY=VALUE, got '${text}'`);
    return [];
  });
  const environment = given.text('env');
  if (environment === undefined) return Object.fromEntries(pairs);
  if (pairs.some(([key]) => key === 'env')) given.refuse('--env NAME is -c env=NAME: give one of them');
  return Object.fromEntries([...pairs, ['env', environment]]);
}

export interface DriverArguments {
  /** The module that runs the app; undefined if none is given. */
  readonly file: string | undefined;
  /** All other arguments. */
  readonly rest: readonly string[];
}

/** Reads only `--driver FILE`; the other arguments are for the driver. */
export function driverArguments(args: readonly string[]): DriverArguments {
  const at = args.findIndex((arg) => arg === '--driver' || arg.startsWith('--driver='));
  const [option = '', next] = args.slice(at);
  if (at < 0) return { file: undefined, rest: args };
  const isJoined = option.includes('=');
  const file = isJoined ? option.slice(option.indexOf('=') + 1) : next;
  // its problems are reported when all options are read
  if (file === undefined || file === '' || file.startsWith('--')) return { file: undefined, rest: args };
  return { file, rest: args.toSpliced(at, isJoined ? 1 : 2) };
}

const EXAMPLES = [
  ['npx waybill start', 'the CDK app of this folder'],
  ['npx waybill start ../billing -c stage=dev', "another folder's app, with context"],
  ['npx waybill start cdk.out', 'what cdk synth wrote'],
  ['npx waybill start ../platform .', 'the app of a hub, and beside it the app of a service that looks it up'],
  ['npx waybill start --watch --logs payments', 'edit code and see it work'],
  ["npx waybill start --without 'Reports/Nightly'", 'all but a function in another language'],
] as const;

const STATUSES = [
  ['0', 'this help was shown'],
  ['1', 'the app could not be synthesized or brought up, or the run failed'],
  ['2', 'the options are wrong'],
  ['130', 'Ctrl-C'],
] as const;

/** The output of `start --help`. */
export const startHelp = (): string =>
  helpOf({
    purpose: 'Runs a CDK app on this machine: its synthesized stacks, with their real bundles, until Ctrl-C.',
    usage: 'npx waybill start [APP_FOLDER | CDK_OUT]... [options]',
    options: START_OPTIONS,
    examples: EXAMPLES,
    statuses: STATUSES,
  });
