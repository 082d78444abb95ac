import { describe, expect, it } from 'vitest';
import { initHelp, readInitCommand } from '../../../cli/init/options.ts';

const USAGE_ERROR = (message: unknown) => expect.objectContaining({ code: 'OPS_USAGE', message });

describe('readInitCommand', () => {
  it('reads the project name, and the file from which to install Waybill', () => {
    expect(readInitCommand(['order-service2'])).toStrictEqual({
      kind: 'run',
      options: { name: 'order-service2', packageFile: undefined },
    });
    expect(readInitCommand(['orders', '--package', '../waybill.tgz'])).toStrictEqual({
      kind: 'run',
      options: { name: 'orders', packageFile: '../waybill.tgz' },
    });
    expect(readInitCommand(['-h'])).toStrictEqual({ kind: 'help' });
  });

  it('requires the name', () => {
    expect(() => readInitCommand([])).toThrow(
      USAGE_ERROR('init needs the name of the project: init NAME [--package FILE]'),
    );
  });

  it.each(['../orders', 'orders/', '/tmp/orders', 'team\\orders', '.', '..'])('refuses the path %s', (path) => {
    expect(() => readInitCommand([path])).toThrow(
      USAGE_ERROR(
        `NAME must be a name, not a path, got '${path}': go to the folder that is to hold the project, and give its name`,
      ),
    );
  });

  it.each(['Orders', '2orders', 'order_service', 'orders-', 'order--service', 'näme', '', 'a'.repeat(65)])(
    'refuses "%s", which is invalid as a package name or as a stack name',
    (name) => {
      expect(() => readInitCommand([name])).toThrow(
        USAGE_ERROR(
          `NAME must be 1 to 64 lowercase letters, digits and single hyphens, and begin with a letter, since the package and its stacks are called so, got '${name}'`,
        ),
      );
    },
  );

  it('lists all problems', () => {
    expect(() => readInitCommand(['orders', 'billing', '--pakage', 'x.tgz'])).toThrow(
      USAGE_ERROR(
        "unknown option '--pakage' of init: did you mean --package? allowed are --package, --help; unexpected argument 'billing'",
      ),
    );
  });
});

it('the help of init has an example', () => {
  expect(initHelp()).toContain('Usage: npx waybill init NAME [--package FILE]');
  expect(initHelp()).toContain('npx waybill init orders ');
});
