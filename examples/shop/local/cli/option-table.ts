import type { OptionTable } from '../../../../local/start/arguments.ts';
import { RUN_OPTIONS } from '../../../../local/start/run-options.ts';

export const DEFAULT_ORDERS = 50;
export const MAX_ORDERS = 1_000_000;
export const MIN_RATE = 0.01;
export const MAX_RATE = 10_000;
export const MAX_TENANTS = 20;
export const DEFAULT_ENVIRONMENT = 'dev';

/** How an order is fulfilled; the names of the shop's own setting. */
export const FULFILMENTS = ['choreographed', 'orchestrated'] as const;

/** How orders come to the shop. */
export const DRIVERS = ['http', 'lambda'] as const;
export const DEFAULT_DRIVER = 'http' satisfies (typeof DRIVERS)[number];

/** Every option of the run, in the order of its help. */
export const SHOP_OPTIONS = {
  orders: {
    value: 'N',
    text: `orders to place, 1 to ${MAX_ORDERS}; with --input, at most so many`,
    without: `${DEFAULT_ORDERS}; with --input, all of them`,
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
  driver: {
    value: 'KIND',
    text: `how orders come to the shop: ${DRIVERS[0]}, as clients with tokens send them, or ${DRIVERS[1]}, by invoking its functions`,
    without: DEFAULT_DRIVER,
  },
  tenants: {
    value: 'N',
    text: `tenants that share the stacks, 1 to ${MAX_TENANTS}; each places all orders, under the same order ids`,
    without: 'what the environment says: no tenants',
  },
  sync: {
    text: "products from two suppliers' feeds and parcels from the carrier's list, which change during the run",
    without: 'products as the orders need them',
  },
  rate: {
    value: 'N',
    text: `orders per second, ${MIN_RATE} to ${MAX_RATE}`,
    without: 'as fast as the shop keeps up',
  },
  redeploy: {
    text: 'deploy newer revisions of the shop in the middle of the run; --chaos draws the moments',
    without: 'one deployment, at the start',
  },
  exit: { text: 'stop when all is settled', without: 'stay up for looking around, until Ctrl-C' },
  json: { text: 'only the summary on stdout, as one line of JSON; all else on stderr', without: 'text' },
  env: { value: 'NAME', text: 'environment to synthesize', without: DEFAULT_ENVIRONMENT },
  ...RUN_OPTIONS,
  seed: { ...RUN_OPTIONS.seed, text: `${RUN_OPTIONS.seed.text} and orders` },
  chaos: { ...RUN_OPTIONS.chaos, text: `${RUN_OPTIONS.chaos.text}; waiting is cut short` },
} as const satisfies OptionTable;
