import { helpOf } from '../../../../local/start/run-options.ts';
import { SHOP_OPTIONS } from './option-table.ts';

const EXAMPLES = [
  ['npm start', `50 orders, then look around at the endpoint`],
  ['npm start -- --orders 200 --exit --json', 'a check: exit status 0 when all is as it should be'],
  ['npm start -- --saga orchestrated', 'a process manager sends the services commands'],
  ['npm start -- --tenants 3', 'three tenants with the same order ids, kept apart'],
  ['npm start -- --driver lambda', "orders by invoking the shop's functions, not over HTTP"],
  ['npm start -- --input invoices.csv --orders 2000', 'orders from a file'],
  ['npm start -- --sync', 'the catalog from two suppliers, whose products change meanwhile'],
  ['npm start -- --rate 2 --verbose', 'slowly, with what every function logs'],
  ['npm start -- --rate 1 --logs payments', 'slowly, with what the payments log'],
  ['npm start -- --chaos 7 --exit', 'with faults: nothing may be lost, repeated or out of order'],
  ['npm start -- --chaos 7 --redeploy --exit', 'the same while newer revisions of the shop are deployed'],
  ['npm start -- --watch', 'edit code and see it work, without starting anew'],
] as const;

const STATUSES = [
  [
    '0',
    'every order reached its final state, all invariants hold; nothing was lost, repeated, out of order, or is dead',
  ],
  [
    '1',
    'something of that is not so, and the output says what; or access was denied to a function, or a function cannot start; or the run failed',
  ],
  ['2', 'the options are wrong'],
  ['130', 'Ctrl-C'],
] as const;

/** What `--help` prints. */
export const helpText = (): string =>
  helpOf({
    purpose: 'Runs the synthesized stacks on this machine, places orders and shows them flowing.',
    usage: 'npm start -- [options]',
    options: SHOP_OPTIONS,
    examples: EXAMPLES,
    statuses: STATUSES,
  });
