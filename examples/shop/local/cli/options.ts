import { readArguments } from '../../../../local/start/arguments.ts';
import type { TerminalCommand } from '../../../../local/start/run-in-terminal.ts';
import { type RunOptions as AppOptions, readRunOptions } from '../../../../local/start/run-options.ts';
import { UsageError } from '../../../../local/start/usage-error.ts';
import {
  DEFAULT_DRIVER,
  DEFAULT_ENVIRONMENT,
  DEFAULT_ORDERS,
  DRIVERS,
  FULFILMENTS,
  MAX_ORDERS,
  MAX_RATE,
  MAX_TENANTS,
  MIN_RATE,
  SHOP_OPTIONS,
} from './option-table.ts';

export interface RunOptions extends AppOptions {
  /** Undefined takes every order of the input. */
  readonly orders: number | undefined;
  /** CSV; undefined generates orders. */
  readonly inputFile: string | undefined;
  /** Undefined leaves it to the environment's settings. */
  readonly fulfilment: (typeof FULFILMENTS)[number] | undefined;
  readonly driver: (typeof DRIVERS)[number];
  /** How many share the stacks; undefined is a deployment without tenants. */
  readonly tenants: number | undefined;
  /** Undefined is as fast as the shop keeps up. */
  readonly ordersPerSecond: number | undefined;
  /** Whether newer revisions of the shop are deployed while its orders flow. */
  readonly redeploy: boolean;
  /** Whether products come from suppliers, and tracking from the carrier's list as well. */
  readonly sync: boolean;
  readonly exit: boolean;
  readonly json: boolean;
  readonly environment: string;
}

/**
 * Reads the command line.
 * @throws UsageError `LOCAL_USAGE` naming everything that is wrong with it, and what is allowed
 */
export function readCommand(args: readonly string[]): TerminalCommand<RunOptions> {
  const given = readArguments(SHOP_OPTIONS, args);
  if (given.has('help')) return { kind: 'help' };
  for (const word of given.positionals) {
    if (given.isOfUnknownOption(word)) continue;
    given.refuse(`unexpected argument '${word}': everything is given by options, see --help`);
  }
  const inputFile = given.text('input');
  const app = readRunOptions(given);
  const options: RunOptions = {
    ...app,
    // later revisions are synthesized with their bundles
    release: app.release || given.has('redeploy'),
    orders:
      given.number('orders', { min: 1, max: MAX_ORDERS, whole: true }) ??
      (inputFile === undefined ? DEFAULT_ORDERS : undefined),
    inputFile,
    fulfilment: given.oneOf('saga', FULFILMENTS),
    driver: given.oneOf('driver', DRIVERS) ?? DEFAULT_DRIVER,
    tenants: given.number('tenants', { min: 1, max: MAX_TENANTS, whole: true }),
    ordersPerSecond: given.number('rate', { min: MIN_RATE, max: MAX_RATE, whole: false }),
    redeploy: given.has('redeploy'),
    sync: given.has('sync'),
    exit: given.has('exit'),
    json: given.has('json'),
    environment: given.text('env') ?? DEFAULT_ENVIRONMENT,
  };
  if (options.watch && options.exit) given.refuse('--watch stays up for changes, --exit does not: give one of them');
  if (options.watch && options.redeploy) {
    given.refuse('--watch deploys what is saved, --redeploy revisions of its own: give one of them');
  }
  if (options.sync && options.redeploy) {
    given.refuse('--redeploy deploys revisions of a shop without syncs, --sync one with them: give one of them');
  }
  if (given.problems.length > 0) throw new UsageError(given.problems.join('; '));
  return { kind: 'run', options };
}
