import { parseArgs } from 'node:util';
import { ownMember } from '../lib/contracts/index.ts';
import { nearestOf } from '../lib/shared/nearest.ts';
import { type CommandName, commandText } from './command-table.ts';

/** What was given to a command, by option name; problems are gathered, so that all are told at once. */
export interface Arguments {
  readonly positionals: readonly string[];
  readonly problems: readonly string[];
  /** Whether the word stands behind an unknown option, and is most likely its value. */
  isOfUnknownOption(word: string): boolean;
  refuse(problem: string): void;
  has(name: string): boolean;
  text(name: string): string | undefined;
  /** Asks for the option if it is missing. */
  needed(name: string): string;
  number(name: string, range: NumberRange): number | undefined;
  oneOf<const Value extends string>(name: string, values: readonly Value[]): Value | undefined;
}

interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
}

export function readArguments(command: CommandName, args: readonly string[]): Arguments {
  const { options } = commandText(command);
  const types = Object.fromEntries(
    Object.entries(options).map(([name, { value }]) => [
      name,
      { type: value === undefined ? 'boolean' : 'string' } as const,
    ]),
  );
  const given = new Map<string, string>();
  const positionals: string[] = [];
  const problems: string[] = [];
  const missing: string[] = [];
  const values = new Set<string>();
  // not strict: the messages are ours
  const { tokens } = parseArgs({ args: [...args], options: types, strict: false, tokens: true });
  const allowed = Object.keys(options).map((name) => `--${name}`);
  let isAfterUnknown = false;
  for (const token of tokens) {
    const mayBeItsValue = isAfterUnknown;
    isAfterUnknown = false;
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      positionals.push(token.value);
      if (mayBeItsValue) values.add(token.value);
    } else if (ownMember(types, token.name) === undefined) {
      isAfterUnknown = token.value === undefined;
      const guess = nearestOf(token.rawName, allowed);
      const meant = guess === undefined ? '' : `did you mean ${guess}? `;
      problems.push(`unknown option '${token.rawName}' of ${command}: ${meant}allowed are ${allowed.join(', ')}`);
    } else if (ownMember(types, token.name)?.type === 'boolean' && token.value !== undefined) {
      problems.push(`--${token.name} takes no value, got '${token.value}'`);
    } else if (ownMember(types, token.name)?.type === 'string' && !isValue(token)) {
      problems.push(`--${token.name} needs a value: --${token.name} ${ownMember(options, token.name)?.value}`);
    } else given.set(token.name, token.value ?? '');
  }

  return {
    positionals,
    get problems() {
      const usage = commandText(command).usage;
      if (missing.length === 0) return problems;
      return [...problems, `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing: ${usage}`];
    },
    isOfUnknownOption: (word) => values.has(word),
    refuse: (problem) => void problems.push(problem),
    has: (name) => given.has(name),
    text: (name) => given.get(name),
    needed(name) {
      const value = given.get(name);
      const isTold = problems.some((problem) => problem.startsWith(`--${name} `));
      if (value === undefined && !isTold) missing.push(`--${name}`);
      return value ?? '';
    },
    number(name, { min, max, whole }) {
      const text = given.get(name);
      if (text === undefined) return undefined;
      const value = Number(text);
      if ((whole ? /^\d+$/ : /^\d+(\.\d+)?$/).test(text) && value >= min && value <= max) return value;
      problems.push(`--${name} must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, got '${text}'`);
      return undefined;
    },
    oneOf(name, values) {
      const text = given.get(name);
      const value = values.find((candidate) => candidate === text);
      if (text !== undefined && value === undefined) {
        problems.push(`--${name} must be one of ${values.join(', ')}, got '${text}'`);
      }
      return value;
    },
  };
}

/** An option that follows is not a value, unless it is joined by '='. */
const isValue = ({ value = '', inlineValue }: { value?: string | undefined; inlineValue?: boolean | undefined }) =>
  value.trim() !== '' && (inlineValue === true || !value.startsWith('--'));
