import { describe, expect, it } from 'vitest';
import { problemOf, readCommand } from '../../bench/options.ts';

describe('the command line of the bench', () => {
  it.each([
    ['path', [{ area: 'path', measures: [] }]],
    ['path claims', [{ area: 'path', measures: ['claims'] }]],
    [
      'growth starts held cost',
      [
        { area: 'growth', measures: ['starts', 'held'] },
        { area: 'cost', measures: [] },
      ],
    ],
  ])('takes measurements behind their area: %s', (line, chosen) => {
    expect(readCommand(line.split(' '))).toEqual({ kind: 'run', chosen, json: false });
  });

  it('takes all areas if none is named', () => {
    const command = readCommand(['--json']);

    expect(command).toMatchObject({ kind: 'run', json: true });
    expect(command.kind === 'run' && command.chosen).toContainEqual({ area: 'peers', measures: [] });
  });

  it('refuses a measurement without an area', () => {
    expect(readCommand(['claims'])).toMatchObject({
      kind: 'refused',
      problem: expect.stringMatching(/^no area 'claims': allowed are peers, /),
    });
  });

  it('refuses a measurement that its area does not have, and names those that it has', async () => {
    const measuresOf = async () => ({ strict: async () => ({ figures: [] }), claims: async () => ({ figures: [] }) });

    expect(await problemOf([{ area: 'path', measures: ['claims'] }], measuresOf)).toBeUndefined();
    expect(await problemOf([{ area: 'path', measures: ['claim'] }], measuresOf)).toMatch(
      /^no area and no measurement of path is named 'claim': allowed are the measurements strict, claims and the areas peers, /,
    );
  });
});
