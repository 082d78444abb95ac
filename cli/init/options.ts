import { readArguments } from '../../local/start/arguments.ts';
import { helpOf } from '../../local/start/run-options.ts';
import { UsageError } from '../usage-error.ts';

export interface InitOptions {
  /** Name of the project, its folder, its package and its stacks. */
  readonly name: string;
  /**
   * A file that `npm pack` created from Waybill, for an unpublished version; undefined to install Waybill from the
   * registry.
   */
  readonly packageFile: string | undefined;
}

export type InitCommand = { readonly kind: 'help' } | { readonly kind: 'run'; readonly options: InitOptions };

/** A stack's name may have 128 characters, and the environment and the stack's own name are appended. */
const MAX_NAME_LENGTH = 64;

export const INIT_OPTIONS = {
  package: {
    value: 'FILE',
    text: 'install Waybill from this file of npm pack',
    without: 'the same version, from the registry',
  },
  help: { short: 'h', text: 'show this' },
} as const;

const USAGE = 'init NAME [--package FILE]';

/**
 * Reads the command line.
 * @throws UsageError `OPS_USAGE` listing all problems, and the allowed values
 */
export function readInitCommand(args: readonly string[]): InitCommand {
  const given = readArguments(INIT_OPTIONS, args, { command: 'init', usage: USAGE });
  if (given.has('help')) return { kind: 'help' };
  const [name, ...more] = given.positionals.filter((word) => !given.isOfUnknownOption(word));
  for (const word of more) given.refuse(`unexpected argument '${word}'`);
  if (name === undefined) given.refuse(`init needs the name of the project: ${USAGE}`);
  else {
    const problem = nameProblem(name);
    if (problem !== undefined) given.refuse(problem);
  }
  if (given.problems.length > 0) throw new UsageError(given.problems.join('; '));
  return { kind: 'run', options: { name: name ?? '', packageFile: given.text('package') } };
}

function nameProblem(name: string): string | undefined {
  if (/[/\\]/.test(name) || name === '.' || name === '..') {
    return `NAME must be a name, not a path, got '${name}': go to the folder that is to hold the project, and give its name`;
  }
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) && name.length <= MAX_NAME_LENGTH) return undefined;
  return `NAME must be 1 to ${MAX_NAME_LENGTH} lowercase letters, digits and single hyphens, and begin with a letter, since the package and its stacks are called so, got '${name}'`;
}

const EXAMPLES = [
  ['npx waybill init orders', 'a project in the new folder orders'],
  ['npx waybill init orders --package waybill-0.1.0.tgz', 'the same, with a Waybill of your own'],
] as const;

const STATUSES = [
  ['0', 'the project is written'],
  ['1', 'the folder is not empty, or it cannot be written'],
  ['2', 'the command line is wrong'],
] as const;

/** The output of `init --help`. */
export const initHelp = (): string =>
  helpOf({
    purpose:
      'Writes a small project into a new folder: a CDK app with an event, a command, a consumer and their tests.',
    usage: `npx waybill ${USAGE}`,
    options: INIT_OPTIONS,
    examples: EXAMPLES,
    statuses: STATUSES,
  });
