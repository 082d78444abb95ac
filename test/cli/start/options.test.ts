import { describe, expect, it } from 'vitest';
import { driverArguments, readStartCommand, startHelp } from '../../../cli/start/options.ts';

const optionsOf = (...args: readonly string[]) => {
  const command = readStartCommand(args);
  return command.kind === 'run' ? command.options : undefined;
};

describe('waybill start', () => {
  it('runs the app of the current folder with the defaults if no options are given', () => {
    expect(optionsOf()).toStrictEqual({
      folders: ['.'],
      context: {},
      without: [],
      realIssuers: false,
      seed: 1,
      port: 0,
      chaosSeed: undefined,
      release: false,
      watch: false,
      verbose: false,
      logs: [],
      jsonLogs: false,
    });
  });

  it('reads every option', () => {
    const args =
      '../billing -c stage=dev --context a=b=c --env test --without Reports --without=Api --real-issuers --port 4566 --seed 7 --chaos 3 --watch --verbose --logs payments --json-logs';

    expect(optionsOf(...args.split(' '))).toStrictEqual({
      folders: ['../billing'],
      context: { stage: 'dev', a: 'b=c', env: 'test' },
      without: ['Reports', 'Api'],
      realIssuers: true,
      seed: 7,
      port: 4566,
      chaosSeed: 3,
      release: true,
      watch: true,
      verbose: true,
      logs: ['payments'],
      jsonLogs: true,
    });
  });

  it('runs several apps, in the order in which they are given', () => {
    expect(optionsOf('../platform', '--watch', '.')).toMatchObject({ folders: ['../platform', '.'], watch: true });
  });

  it.each([
    [
      '--wihtout Api',
      "unknown option '--wihtout': did you mean --without? allowed are --env, --context, --without, --driver, --real-issuers, --port, --seed, --chaos, --watch, --release, --verbose, --logs, --json-logs, --help",
    ],
    ['-c stage', "--context must be KEY=VALUE, got 'stage'"],
    ['--env dev -c env=prod', '--env NAME is -c env=NAME: give one of them'],
    ['--without', '--without needs a value: --without PATH'],
    ['--driver', '--driver needs a value: --driver FILE'],
    [
      '--port 65536 --seed x',
      "--seed must be a whole number from 0 to 4294967295, got 'x'; --port must be a whole number from 0 to 65535, got '65536'",
    ],
  ])('refuses %s', (line, message) => {
    expect(() => readStartCommand(line.split(' '))).toThrow(expect.objectContaining({ code: 'LOCAL_USAGE', message }));
  });

  it('prints the help if requested, whatever the other options', () => {
    expect(readStartCommand(['--port', 'x', '--help'])).toStrictEqual({ kind: 'help' });
    for (const option of ['-c, --context KEY=VALUE', '--without PATH', '--driver FILE', '--watch', '--chaos SEED'])
      expect(startHelp()).toContain(`\n  ${option} `);
  });
});

describe('a driver', () => {
  it.each([
    [['--driver', 'shop.ts', '--orders', '5'], 'shop.ts', ['--orders', '5']],
    [['--orders', '5', '--driver=shop.ts'], 'shop.ts', ['--orders', '5']],
    [['--orders', '5'], undefined, ['--orders', '5']],
    [['--driver'], undefined, ['--driver']],
    [['--driver', '--help'], undefined, ['--driver', '--help']],
  ])('of %j receives all other arguments', (args, file, rest) => {
    expect(driverArguments(args)).toStrictEqual({ file, rest });
  });
});
