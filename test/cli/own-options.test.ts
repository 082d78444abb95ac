import { expect, it } from 'vitest';
import { commandWithOwnOptions } from '../../cli/own-options.ts';

it.each(['start', 'init'])('leaves the options of %s to itself, its help too', (name) => {
  expect(commandWithOwnOptions([name, 'folder', '--no-such-option'])).toStrictEqual({
    name,
    args: ['folder', '--no-such-option'],
  });
  expect(commandWithOwnOptions(['help', name])).toStrictEqual({ name, args: ['--help'] });
});

it('leaves every other command to the operator', () => {
  expect(commandWithOwnOptions(['held', 'start'])).toBeUndefined();
  expect(commandWithOwnOptions(['help', 'held'])).toBeUndefined();
  expect(commandWithOwnOptions([])).toBeUndefined();
});
