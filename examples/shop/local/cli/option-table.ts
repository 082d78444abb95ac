/** One command-line option as its help shows it. */
export interface OptionText {
  /** What stands for its value; undefined for a switch. */
  readonly value?: string;
  readonly text: string;
  /** What holds when it is not given. */
  readonly without: string;
}

export const DEFAULT_ORDERS = 50;
export const MAX_ORDERS = 1_000_000;
export const DEFAULT_SEED = 1;
export const MAX_SEED = 2 ** 32 - 1;
export const MIN_RATE = 0.01;
export const MAX_RATE = 10_000;
export const MAX_PORT = 65_535;
export const MAX_TENANTS = 20;
export const DEFAULT_ENVIRONMENT = 'dev';

/** How an order is fulfilled; the names of the shop's own setting. */
export const FULFILMENTS = ['choreographed', 'orchestrated'] as const;

/** Every option of the run, in the order of its help. */
const OPTION_TABLE = {
  orders: {
    value: 'N',
    text: `orders to place, 1 to ${MAX_ORDERS}; with --input, at most so many`,
    without: `${DEFAULT_ORDERS}; with --input, all of them`,
  },
  seed: {
    value: 'S',
    text: `whole number, 0 to ${MAX_SEED}: the same seed makes the same orders`,
    without: String(DEFAULT_SEED),
  },
  input: {
    value: 'FILE',
    text: 'orders from a CSV file of invoices, or of order lines with their cancellations',
    without: 'generated orders',
  },
  saga: {
    value: 'KIND',
    text: `how orders are fulfilled: ${FULFILMENTS.join(' or ')}`,
    without: 'what the environment says',
  },
  tenants: {
    value: 'N',
    text: `tenants that share the stacks, 1 to ${MAX_TENANTS}; each places all orders, under the same order ids`,
    without: 'what the environment says: no tenants',
  },
  rate: {
    value: 'N',
    text: `orders per second, ${MIN_RATE} to ${MAX_RATE}`,
    without: 'as fast as the shop keeps up',
  },
  port: {
    value: 'N',
    text: `port of the endpoint on 127.0.0.1, 0 to ${MAX_PORT}; 0 takes a free one`,
    without: '0',
  },
  chaos: {
    value: 'SEED',
    text: `faults on, drawn by the seed (a whole number, 0 to ${MAX_SEED}); waiting is cut short`,
    without: 'no faults',
  },
  redeploy: {
    text: 'deploy newer revisions of the shop in the middle of the run; --chaos draws the moments',
    without: 'one deployment, at the start',
  },
  watch: {
    text: 'deploy what is saved over the run, keeping the state',
    without: 'the stacks as they were at the start',
  },
  exit: { text: 'stop when all is settled', without: 'stay up for looking around, until Ctrl-C' },
  json: { text: 'only the summary on stdout, as one line of JSON; all else on stderr', without: 'text' },
  env: { value: 'NAME', text: 'environment to synthesize', without: DEFAULT_ENVIRONMENT },
  verbose: { text: 'show what the functions log and the engines do, one line each', without: 'warnings only' },
  logs: {
    value: 'NAME',
    text: 'show what this consumer or function logs; can be given more than once',
    without: 'none, or all with --verbose or --json-logs',
  },
  'json-logs': {
    text: 'show logs as lines of JSON on stdout, as the functions write them; all else on stderr',
    without: 'for people',
  },
  help: { text: 'show this', without: '' },
} as const satisfies Record<string, OptionText>;

export type OptionName = keyof typeof OPTION_TABLE;

export const isOptionName = (name: string): name is OptionName => Object.hasOwn(OPTION_TABLE, name);

export const OPTION_TEXTS: readonly (readonly [name: string, option: OptionText])[] = Object.entries(OPTION_TABLE);
