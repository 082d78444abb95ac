import { COMMANDS } from '../commands/index.ts';
import { describeError } from '../describe-error.ts';
import { INIT_OPTIONS } from '../init/options.ts';
import { MCP_OPTIONS } from '../mcp/options.ts';
import { OPENAPI_OPTIONS } from '../openapi/options.ts';
import { COMPLETE, INIT, MCP, OPENAPI, START } from '../other-commands.ts';
import { START_OPTIONS } from '../start/options.ts';
import { UsageError } from '../usage-error.ts';
import { suggestionsOf } from './suggestions.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

const PROGRAM = 'waybill';

const USAGE = 2;

const HELP = `Prints what makes a shell complete the commands and options of waybill.

Usage: waybill complete ${SHELLS.join('|')}

  bash        source <(waybill complete bash)       needs the package bash-completion
  zsh         source <(waybill complete zsh)
  fish        waybill complete fish | source
  powershell  waybill complete powershell | Out-String | Invoke-Expression

Put the line into the start-up file of your shell. Where Waybill is installed in a project only, define a function
first: waybill() { npx waybill "$@"; }
`;

/** Prints the completion script of a shell, or answers one: `complete -- WORD...`. @returns the exit status */
export function main([first, ...words]: readonly string[]): number {
  try {
    if (first === '--') commandLine().parse([...words]);
    else if (first === '--help' || first === '-h') process.stdout.write(HELP);
    else commandLine().setup(PROGRAM, PROGRAM, shellNamed(first, words));
    return 0;
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    return error instanceof UsageError ? USAGE : 1;
  }
}

const commandLine = () =>
  suggestionsOf([
    { ...START, options: START_OPTIONS },
    { ...INIT, options: INIT_OPTIONS },
    { ...OPENAPI, options: OPENAPI_OPTIONS },
    { ...COMPLETE, verbs: SHELLS, options: {} },
    { ...MCP, options: MCP_OPTIONS },
    ...COMMANDS,
  ]);

/** @throws UsageError `OPS_USAGE` */
function shellNamed(name: string | undefined, more: readonly string[]): string {
  if (name === undefined) throw new UsageError(`complete needs a shell: one of ${SHELLS.join(', ')}`);
  const shell = SHELLS.find((each) => each === name);
  if (shell === undefined) throw new UsageError(`complete needs one of ${SHELLS.join(', ')}, got '${name}'`);
  const [unexpected] = more;
  if (unexpected !== undefined) throw new UsageError(`unexpected argument '${unexpected}'`);
  return shell;
}
