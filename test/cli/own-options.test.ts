import { expect, it } from 'vitest';
import { commandWithOwnOptions } from '../../cli/own-options.ts';

it.each(['start', 'init', 'openapi'])('passes the options of %s, including its help, to the command itself', (name) => {
  expect(commandWithOwnOptions([name, 'folder', '--no-such-option'])).toStrictEqual({
    name,
    args: ['folder', '--no-such-option'],
  });
  expect(commandWithOwnOptions(['help', name])).toStrictEqual({ name, args: ['--help'] });
});

it('passes every other command to the operator commands', () => {
  expect(commandWithOwnOptions(['held', 'start'])).toBeUndefined();
  expect(commandWithOwnOptions(['help', 'held'])).toBeUndefined();
  expect(commandWithOwnOptions([])).toBeUndefined();
});
