import { columns } from '../local/view/columns.ts';
import type { OperatorCommand } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { COMPLETE, INIT, MCP, OPENAPI, START } from './other-commands.ts';

const EXIT_STATUSES = [
  ['0', 'done'],
  ['1', 'refused, not found, something is missing, or the call failed'],
  ['2', 'the command line is wrong'],
  ['3', 'stopped by --command-timeout'],
  ['4', 'a run stopped before its end, or events of it are not handled'],
] as const;

/** The output of `--help`, for all commands or for one. */
export const helpText = (about: OperatorCommand | undefined): string =>
  [...(about === undefined ? overview() : helpOf(about)), ''].join('\n');

function overview(): readonly string[] {
  return [
    'Runs an app on this machine, and looks after a deployed one: groups that wait, events that are missing, read models, sagas, settings.',
    '',
    'Usage: npx waybill COMMAND [options]',
    '',
    'On this machine:',
    ...columns([START, INIT, OPENAPI, COMPLETE].map(({ name, text }) => [`  ${name}`, text])),
    '',
    'Of the operator:',
    ...columns([...COMMANDS, MCP].map(({ name, text }) => [`  ${name}`, text])),
    '',
    'Each has --help; those of the operator have --env NAME, --profile NAME, --region REGION, --output text|json|jsonl,',
    '--json and --command-timeout SECONDS. --version shows the version of Waybill.',
    '',
    'The operator works where the AWS SDK points to: AWS_PROFILE and AWS_REGION for an account, AWS_ENDPOINT_URL for a local run.',
    '',
    'Exit status:',
    ...columns(EXIT_STATUSES.map(([status, text]) => [`  ${status}`, text])),
  ];
}

function helpOf({ usage, text, more, options }: OperatorCommand): readonly string[] {
  const rows = Object.entries(options).map(([option, { value, short, text: meaning }]) => [
    `  ${short === undefined ? '' : `-${short}, `}--${option}${value === undefined ? '' : ` ${value}`}`,
    meaning,
  ]);
  return [
    `${text[0]?.toUpperCase()}${text.slice(1)}.`,
    '',
    ...more,
    '',
    `Usage: npx waybill ${usage}`,
    '',
    'Options:',
    ...columns(rows),
  ];
}
