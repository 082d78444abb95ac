import { OPTION_TEXTS } from './option-table.ts';

const EXAMPLES = [
  ['npm start', `50 orders, then look around at the endpoint`],
  ['npm start -- --orders 200 --exit --json', 'a check: exit status 0 when every order was shipped'],
  ['npm start -- --input invoices.csv --orders 2000', 'orders from a file'],
  ['npm start -- --rate 2 --verbose', 'slowly, with what every function logs'],
] as const;

const STATUSES = [
  ['0', 'every order reached its final state, and nothing was lost or is a dead letter'],
  ['1', 'some did not, and the output says which orders are where; or the run failed'],
  ['2', 'the options are wrong'],
  ['130', 'Ctrl-C'],
] as const;

/** What `--help` prints. */
export function helpText(): string {
  const options = OPTION_TEXTS.map(([name, { value, text, without }]) => [
    `--${name}${value === undefined ? '' : ` ${value}`}`,
    without === '' ? text : `${text} (default: ${without})`,
  ]);
  return [
    'Runs the synthesized stacks on this machine, places orders and shows them flowing.',
    '',
    'Usage: npm start -- [options]',
    '',
    'Options:',
    ...columns(options),
    '',
    'Examples:',
    ...columns(EXAMPLES),
    '',
    'Exit status:',
    ...columns(STATUSES),
    '',
  ].join('\n');
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([first = '']) => first.length));
  return rows.map(([first = '', second = '']) => `  ${first.padEnd(width)}  ${second}`);
}
