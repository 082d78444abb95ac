import { COMPLETE, INIT, MCP, OPENAPI, START } from './other-commands.ts';

/** Commands that read their own options, and do not load other commands. */
const NAMES = [START.name, INIT.name, OPENAPI.name, COMPLETE.name, MCP.name] as const;

export interface CommandWithOwnOptions {
  readonly name: (typeof NAMES)[number];
  readonly args: readonly string[];
}

/** The arguments of `start`, `init`, `openapi`, `complete` or `mcp`; undefined for every other command. */
export function commandWithOwnOptions([first, ...rest]: readonly string[]): CommandWithOwnOptions | undefined {
  const isHelp = first === 'help';
  const name = NAMES.find((each) => each === (isHelp ? rest[0] : first));
  return name === undefined ? undefined : { name, args: isHelp ? ['--help'] : rest };
}
