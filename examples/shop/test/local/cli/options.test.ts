import { describe, expect, it } from 'vitest';
import { helpText } from '../../../local/cli/help.ts';
import { readCommand } from '../../../local/cli/options.ts';

const messageOf = (...args: string[]): string => {
  try {
    readCommand(args);
  } catch (error) {
    expect(error).toMatchObject({ code: 'LOCAL_USAGE' });
    return error instanceof Error ? error.message : '';
  }
  throw new Error('the arguments were accepted');
};

describe('readCommand', () => {
  it('by default places 50 generated orders in dev, as fast as the shop keeps up, and keeps running', () => {
    expect(readCommand([])).toEqual({
      kind: 'run',
      options: {
        orders: 50,
        seed: 1,
        inputFile: undefined,
        fulfilment: undefined,
        driver: 'http',
        tenants: undefined,
        ordersPerSecond: undefined,
        port: 0,
        chaosSeed: undefined,
        release: false,
        redeploy: false,
        sync: false,
        watch: false,
        exit: false,
        json: false,
        environment: 'dev',
        verbose: false,
        logs: [],
        jsonLogs: false,
      },
    });
  });

  it('reads every option, with a space or an equals sign', () => {
    const args =
      '--orders 200 --seed=7 --input a.csv --saga orchestrated --driver lambda --tenants 3 --rate 0.5 --port 4566 --chaos 3 --redeploy --exit --json --env prod --verbose --logs payments --logs=relay --json-logs';

    expect(readCommand(args.split(' '))).toEqual({
      kind: 'run',
      options: {
        orders: 200,
        seed: 7,
        inputFile: 'a.csv',
        fulfilment: 'orchestrated',
        driver: 'lambda',
        tenants: 3,
        ordersPerSecond: 0.5,
        port: 4566,
        chaosSeed: 3,
        release: true,
        redeploy: true,
        sync: false,
        watch: false,
        exit: true,
        json: true,
        environment: 'prod',
        verbose: true,
        logs: ['payments', 'relay'],
        jsonLogs: true,
      },
    });
  });

  it('reads every line of an input file if no number of orders is given', () => {
    expect(readCommand(['--input', 'a.csv'])).toMatchObject({ options: { orders: undefined } });
  });

  it('accepts --watch only for a run that keeps running', () => {
    expect(readCommand(['--watch'])).toMatchObject({ options: { watch: true, exit: false } });
    expect(messageOf('--watch', '--exit')).toBe('--watch stays up for changes, --exit does not: give one of them');
    expect(messageOf('--watch', '--redeploy')).toBe(
      '--watch deploys what is saved, --redeploy revisions of its own: give one of them',
    );
  });

  it.each(['-1', '1.5', 'x', '4294967296'])('rejects --chaos %s', (text) => {
    expect(messageOf(`--chaos=${text}`)).toBe(`--chaos must be a whole number from 0 to 4294967295, got '${text}'`);
  });

  it('rejects an invalid number of tenants and an unknown fulfilment in one error', () => {
    expect(messageOf('--tenants', '21', '--saga', 'both')).toBe(
      "--saga must be one of choreographed, orchestrated, got 'both'; " +
        "--tenants must be a whole number from 1 to 20, got '21'",
    );
  });

  it('prints the help if requested, whatever the other options', () => {
    expect(readCommand(['--orders', 'many', '--help'])).toEqual({ kind: 'help' });
  });

  it.each(['0', '1000001', '-5', '1.5', '1e3', 'many', ' 5'])('rejects --orders %s', (text) => {
    expect(messageOf('--orders', text)).toBe(`--orders must be a whole number from 1 to 1000000, got '${text}'`);
  });

  it('rejects a rate, a port and a seed out of range in one error', () => {
    expect(messageOf('--rate', '0', '--port', '65536', '--seed', '4294967296')).toBe(
      "--seed must be a whole number from 0 to 4294967295, got '4294967296'; " +
        "--port must be a whole number from 0 to 65535, got '65536'; " +
        "--rate must be a number from 0.01 to 10000, got '0'",
    );
  });

  it('rejects an unknown option and names the allowed ones', () => {
    expect(messageOf('--order=5')).toBe(
      "unknown option '--order': did you mean --orders? allowed are --orders, --input, --saga, --driver, --tenants, --sync, --rate, --redeploy, --exit, --json, --env, --port, --seed, --chaos, --watch, --release, --verbose, --logs, --json-logs, --help",
    );
  });

  it('does not report the value of an unknown option as an argument', () => {
    expect(messageOf('--until', 'noon')).toMatch(/^unknown option '--until': allowed are [^;]*$/);
  });

  it('rejects an argument that belongs to no option, a missing value and a value for a switch', () => {
    expect(messageOf('200', '--json=yes', '--input')).toBe(
      "--json takes no value, got 'yes'; --input needs a value: --input FILE; " +
        "unexpected argument '200': everything is given by options, see --help",
    );
  });
});

describe('helpText', () => {
  it.each([
    'orders N',
    'seed S',
    'input FILE',
    'saga KIND',
    'tenants N',
    'rate N',
    'port N',
    'exit',
    'json',
    'env NAME',
    'verbose',
    'help',
  ])('explains --%s', (option) => {
    expect(helpText()).toMatch(new RegExp(`^ {2}(-h, )?--${option} {2,}\\S`, 'm'));
  });
});
