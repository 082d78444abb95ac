import { parseArgs } from 'node:util';
import { ownMember } from '../../lib/definitions/index.ts';
import { nearestOf } from '../../lib/shared/nearest.ts';

/** One option of a command line, as its help shows it. */
interface OptionText {
  /** What stands for its value; undefined for a switch. */
  readonly value?: string;
  /** The values that it takes, if they are few. @default any */
  readonly values?: readonly string[];
  /** One letter, given with one dash. @default none */
  readonly short?: string;
  readonly text: string;
  /** What holds when it is not given. @default nothing is said of it */
  readonly without?: string;
}

/** Every option of a command, by its name, in the order of the help. */
export type OptionTable = Readonly<Record<string, OptionText>>;

interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
}

/** What was given to a command, by option name; problems are gathered, so that all are told at once. */
export interface Arguments {
  readonly positionals: readonly string[];
  readonly problems: readonly string[];
  /** Whether the word stands behind an unknown option, and is most likely its value. */
  isOfUnknownOption(word: string): boolean;
  refuse(problem: string): void;
  has(name: string): boolean;
  /** As it was given last. */
  text(name: string): string | undefined;
  /** As often as it was given. */
  all(name: string): readonly string[];
  /** Asks for the option if it is missing. */
  needed(name: string): string;
  number(name: string, range: NumberRange): number | undefined;
  oneOf<const Value extends string>(name: string, values: readonly Value[]): Value | undefined;
}

export interface ReadArgumentsOptions {
  /** Whose options they are, where there are several commands. @default the only command's */
  readonly command?: string;
  /** Shown when an option is missing. */
  readonly usage?: string;
}

/** Takes a command line apart. Nothing is refused here: `problems` says what is wrong, and what is allowed. */
export function readArguments(
  table: OptionTable,
  args: readonly string[],
  { command, usage = '' }: ReadArgumentsOptions = {},
): Arguments {
  const types = Object.fromEntries(
    Object.entries(table).map(([name, { value, short }]) => [
      name,
      { type: value === undefined ? 'boolean' : 'string', ...(short === undefined ? {} : { short }) } as const,
    ]),
  );
  const given = new Map<string, readonly string[]>();
  const positionals: string[] = [];
  const problems: string[] = [];
  const missing: string[] = [];
  const ofUnknown = new Set<string>();
  // not strict: the messages are ours
  const { tokens } = parseArgs({ args: [...args], options: types, strict: false, tokens: true });
  const allowed = Object.keys(table).map((name) => `--${name}`);
  let isAfterUnknown = false;
  for (const token of tokens) {
    const mayBeItsValue = isAfterUnknown;
    isAfterUnknown = false;
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      positionals.push(token.value);
      if (mayBeItsValue) ofUnknown.add(token.value);
    } else if (ownMember(types, token.name) === undefined) {
      isAfterUnknown = token.value === undefined;
      const guess = nearestOf(token.rawName, allowed);
      const meant = guess === undefined ? '' : `did you mean ${guess}? `;
      const whose = command === undefined ? '' : ` of ${command}`;
      problems.push(`unknown option '${token.rawName}'${whose}: ${meant}allowed are ${allowed.join(', ')}`);
    } else if (ownMember(types, token.name)?.type === 'boolean' && token.value !== undefined) {
      problems.push(`--${token.name} takes no value, got '${token.value}'`);
    } else if (ownMember(types, token.name)?.type === 'string' && !isValue(token)) {
      problems.push(`--${token.name} needs a value: --${token.name} ${ownMember(table, token.name)?.value}`);
    } else given.set(token.name, [...(given.get(token.name) ?? []), token.value ?? '']);
  }
  const text = (name: string) => given.get(name)?.at(-1);

  return {
    positionals,
    get problems() {
      if (missing.length === 0) return problems;
      return [...problems, `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing: ${usage}`];
    },
    isOfUnknownOption: (word) => ofUnknown.has(word),
    refuse: (problem) => void problems.push(problem),
    has: (name) => given.has(name),
    text,
    all: (name) => given.get(name) ?? [],
    needed(name) {
      const value = text(name);
      const isTold = problems.some((problem) => problem.startsWith(`--${name} `));
      if (value === undefined && !isTold) missing.push(`--${name}`);
      return value ?? '';
    },
    number(name, { min, max, whole }) {
      const written = text(name);
      if (written === undefined) return undefined;
      const value = Number(written);
      if ((whole ? /^\d+$/ : /^\d+(\.\d+)?$/).test(written) && value >= min && value <= max) return value;
      problems.push(`--${name} must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, got '${written}'`);
      return undefined;
    },
    oneOf(name, values) {
      const written = text(name);
      const value = values.find((candidate) => candidate === written);
      if (written !== undefined && value === undefined) {
        problems.push(`--${name} must be one of ${values.join(', ')}, got '${written}'`);
      }
      return value;
    },
  };
}

/** An option that follows is not a value, unless it is joined by '='. */
const isValue = ({ value = '', inlineValue }: { value?: string | undefined; inlineValue?: boolean | undefined }) =>
  value.trim() !== '' && (inlineValue === true || !value.startsWith('--'));
