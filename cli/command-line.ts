import { nearestOf } from '../lib/shared/nearest.ts';
import { type Arguments, readArguments } from '../local/start/arguments.ts';
import type { Action, OperatorCommand } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { OUTPUT_FORMATS, type OutputFormat } from './operation.ts';
import { COMPLETE, INIT, MCP, OPENAPI, START } from './other-commands.ts';
import { UsageError } from './usage-error.ts';

export type CommandLine =
  | { readonly kind: 'help'; readonly about: OperatorCommand | undefined }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'action';
      readonly action: Action;
      readonly target: CommandTarget;
      readonly output: OutputFormat;
      readonly timeoutSeconds: number | undefined;
    };

/** Where a command works. Undefined: as the AWS SDK finds it, and the only environment. */
export interface CommandTarget {
  readonly environmentName: string | undefined;
  readonly profile: string | undefined;
  readonly region: string | undefined;
}

const MAX_TIMEOUT_SECONDS = 86_400;

const ALL_NAMES: readonly string[] = [START, INIT, OPENAPI, COMPLETE, MCP, ...COMMANDS].map(({ name }) => name);

/**
 * Reads the command line of an operator's command.
 * @throws UsageError `OPS_USAGE` listing all problems, and the allowed values
 */
export function readCommandLine([first, ...rest]: readonly string[]): CommandLine {
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
  const { name, options, usage, words } = command;
  const given = readArguments(options, rest, { command: name, usage });
  if (given.has('help')) return { kind: 'help', about: command };
  const action = command.prepare(given);
  const output = readOutput(given);
  const timeoutSeconds = given.number('command-timeout', { min: 1, max: MAX_TIMEOUT_SECONDS, whole: true });
  const target = {
    environmentName: given.text('env'),
    profile: given.text('profile'),
    region: given.text('region'),
  };
  const [unexpected] = given.positionals.slice(words);
  if (unexpected !== undefined && !given.isOfUnknownOption(unexpected))
    given.refuse(`unexpected argument '${unexpected}'`);
  if (given.problems.length > 0) throw new UsageError(given.problems.join('; '));
  return { kind: 'action', action, target, output, timeoutSeconds };
}

function readOutput(given: Arguments): OutputFormat {
  const named = given.oneOf('output', OUTPUT_FORMATS);
  if (!given.has('json')) return named ?? 'text';
  if (named !== undefined) given.refuse('--json and --output exclude each other: give one of them');
  return 'json';
}

function commandNamed(name: string): OperatorCommand {
  const command = COMMANDS.find((each) => each.name === name);
  if (command !== undefined) return command;
  const guess = nearestOf(name, ALL_NAMES);
  const meant = guess === undefined ? '' : `did you mean ${guess}? `;
  throw new UsageError(`unknown command '${name}': ${meant}choose from ${ALL_NAMES.join(', ')}, or --help`);
}
