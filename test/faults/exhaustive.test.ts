import { describe, expect, it } from 'vitest';
import { explore } from './exhaustive/explore.ts';
import { tellFinding } from './exhaustive/explore-scopes.ts';
import { LARGE_SCOPES, SCOPES } from './exhaustive/scopes.ts';
import { PLANTED_IN_ORDERING } from './planted-in-ordering.ts';
import { PLANTED_IN_READS } from './planted-in-reads.ts';

const scopeNamed = (name: string) => {
  const scope = { ...SCOPES, ...LARGE_SCOPES }[name];
  if (scope === undefined) throw new Error(`no scope '${name}'`);
  return scope;
};

describe('every possible order of steps', () => {
  it.each(Object.keys(SCOPES))('keeps every guarantee in the scope %s', async (name) => {
    const { finding, isComplete, states, ends } = await explore(scopeNamed(name));

    expect(finding && tellFinding(name, finding)).toBeUndefined();
    expect(isComplete).toBe(true);
    expect(states).toBeGreaterThan(100);
    expect(ends).toBeGreaterThan(0);
  });
});

const PLANTED = { ...PLANTED_IN_ORDERING, ...PLANTED_IN_READS };

/** Where each shows, and in how many steps: the story is the shortest that there is. */
const SHOWS = [
  ['the cursor is written without a condition', 'carried-failure', 22],
  ['seen is not raised', 'short-time', 16],
  ['a group is held at the wrong sequence', 'deferral', 21],
  ['an event that kills its process leaves no mark', 'process-killer', 88],
  ['a successor is deleted before seen is durable', 'dead-letter', 35],
  ['a carrier is deleted without resending', 'carried-failure', 11],
  ['an event that used up its receives while deferred is not resent', 'deferral', 22],
  ['receives that went by waiting are forgotten', 'deferral', 21],
  ['a drain stops without resending when time is short', 'short-time', 18],
  ['the mark is stored before the message exists', 'carried-failure', 29],
  ['an execution does not resend if its message is already deleted', 'large-expired-cursor', 21],
  ['a resent message has the deduplication id of the one that it stands for', 'carried-failure', 12],
  ['what shares a batch with an event that kills its process is not deleted before', 'process-killer', 39],
  ['a hole is stepped over', 'hole', 8],
  ['a group begins behind a hole', 'order', 8],
  ['a read of the log misses its last event', 'dead-letter', 4],
  ['cursors are not read consistently', 'stale-read', 13],
  ['the memory of the inbox is not read consistently', 'stale-read', 14],
] as const;

describe('the exhaustive search', () => {
  it.each(SHOWS)('finds that %s in the scope %s, in %i steps at most', async (fault, name, steps) => {
    const { finding } = await explore(scopeNamed(name), { planted: PLANTED[fault] });

    expect(finding?.wrong).toBeDefined();
    expect(finding?.story.length).toBeLessThanOrEqual(steps);
  });

  it('prints the shortest path to a violation as readable steps', async () => {
    const planted = PLANTED['a group begins behind a hole'];

    const { finding } = await explore(scopeNamed('order'), { planted });

    expect(finding && tellFinding('order', finding).split('\n')).toStrictEqual([
      "a promise was broken in the scope 'order': e2 was handled before e1",
      'the shortest way there, in 7 steps:',
      '   1. The bus delivers e2.',
      '   2. Execution B receives e2.',
      '   3. Execution B reads the cursor.',
      '   4. Execution B reads the log from e1 to e2.',
      '   5. Execution B reads the log from e1 to e1.',
      '   6. Execution B reads the log from e2.',
      '   7. Execution B commits e2 with the cursor: processed 2, seen 2.',
    ]);
  });

  it('covers every planted ordering fault', () => {
    expect(SHOWS.map(([fault]) => fault)).toEqual(expect.arrayContaining(Object.keys(PLANTED_IN_ORDERING)));
  });
});
