import { nearestOf } from '../../lib/shared/nearest.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { COMMON, defineCommand, type OperatorCommand } from '../command.ts';
import type { ExitStatus, Operation } from '../operation.ts';
import { isReading, policyOf } from '../rights.ts';

export interface IamOptions {
  /** Empty for all. */
  readonly commands: readonly string[];
  readonly readOnly: boolean;
}

/** @param others every other command of the operator */
export const iamCommandFor = (others: readonly OperatorCommand[]): OperatorCommand =>
  defineCommand({
    name: 'iam',
    usage: 'iam [COMMAND...] [--read-only]',
    text: 'print the IAM policy that commands need, and nothing more',
    more: [
      'The policy names the tables, queues and functions of the environment. It is for whoever runs the commands, as an',
      'inline or a managed policy of their role or permission set. Without COMMAND it is for all commands. Tables that are',
      'encrypted with a key of your own also need kms:Decrypt, and kms:GenerateDataKey where a command writes, on that key.',
    ],
    options: {
      'read-only': { text: 'only for commands that change nothing' },
      ...COMMON,
    },
    words: others.length,
    verbs: others.map(({ name }) => name),
    rights: [],
    read: (given) => readIam(given, others),
    run: (options, operation) => iam(options, operation, others),
  });

function readIam(given: Arguments, others: readonly OperatorCommand[]): IamOptions {
  const names = others.map(({ name }) => name);
  const commands = given.positionals;
  for (const command of commands) {
    if (names.includes(command)) continue;
    const guess = nearestOf(command, names);
    given.refuse(
      `iam needs names of commands, got '${command}': ${guess === undefined ? '' : `did you mean ${guess}? `}choose from ${names.join(', ')}`,
    );
  }
  return { commands, readOnly: given.has('read-only') };
}

async function iam(
  { commands, readOnly }: IamOptions,
  { console, json, resources }: Operation,
  others: readonly OperatorCommand[],
): Promise<ExitStatus> {
  const chosen = others.filter(({ name }) => commands.length === 0 || commands.includes(name));
  const printed = readOnly ? chosen.filter(({ rights }) => rights.every(isReading)) : chosen;
  const left = chosen.filter((command) => !printed.includes(command)).map(({ name }) => name);
  if (left.length > 0) console.note(`without ${left.join(', ')}, which may change something`);
  const policy = policyOf(
    printed.flatMap(({ rights }) => rights),
    resources,
  );
  console.line(json ? JSON.stringify(policy) : JSON.stringify(policy, undefined, 2));
  return 0;
}
