import { RootCommand } from '@bomb.sh/tab';
import type { OptionTable } from '../../local/start/arguments.ts';

/** A command, as completions see it. */
export interface CompletedCommand {
  readonly name: string;
  readonly text: string;
  /** What its first argument may be. */
  readonly verbs?: readonly string[];
  readonly options: OptionTable;
}

/** Every command and its options, for the completions of a shell. */
export function suggestionsOf(commands: readonly CompletedCommand[]): RootCommand {
  const root = new RootCommand();
  for (const { name, text, verbs = [], options } of commands) {
    const command = root.command(name, text);
    if (verbs.length > 0) command.argument('verb', (complete) => suggestEach(verbs, complete));
    for (const [option, { value, values = [], text: meaning }] of Object.entries(options)) {
      // without a handler an option is a switch, and the next word is not its value
      if (value === undefined) command.option(option, meaning);
      else command.option(option, meaning, (complete) => suggestEach(values, complete));
    }
  }
  return root;
}

function suggestEach(values: readonly string[], complete: (value: string, description: string) => void): void {
  for (const value of values) complete(value, '');
}
