import { describe, expect, it } from 'vitest';
import { parseSagaItem } from '../../../lib/saga/index.ts';

const named = { sagaId: '7', status: 'running', version: 1 };
const state = { ...named, item: 'state', revision: 2, steps: {} };
const listing = { ...named, item: 'listing', startedAt: '2026-01-05T09:00:00.000Z' };
const history = { ...named, item: 'history#00000002', revision: 2, deed: 'step-done' };

describe('an item of the saga table', () => {
  it('is read without the attributes that only the table needs', () => {
    const forTheTable = { expires: 1_800_000_000, listedStatus: 'running', statusShard: 'running~3' };
    const { item: _state, ...record } = state;
    const { item: _listing, ...listed } = listing;
    const { item: _history, deed: transition, ...rest } = history;
    const entry = { ...rest, transition };

    expect([state, listing, history].map((item) => parseSagaItem({ ...item, ...forTheTable }))).toStrictEqual([
      { kind: 'state', record },
      { kind: 'listing', listing: listed },
      { kind: 'history', entry },
    ]);
  });

  it.each([
    ['null', null, 'undefined undefined', "it has no 'item'"],
    ['a text', 'state', 'undefined undefined', "it has no 'item'"],
    ['a list', [], 'undefined undefined', "it has no 'item'"],
    ['without an item', { ...named }, '7 undefined', "it has no 'item'"],
    ['with an item that is no text', { ...state, item: 7 }, '7 7', "it has no 'item'"],
    ['of no kind', { ...state, item: 'note' }, '7 note', "its 'item' must be state, listing or history"],
    ['of nobody', { ...state, sagaId: 7 }, '7 state', 'its sagaId cannot be read'],
    ['in no status', { ...state, status: 'lost' }, '7 state', 'its status cannot be read'],
    ['of no version', { ...listing, version: '1' }, '7 listing', 'its version cannot be read'],
    ['a state without revision', { ...state, revision: undefined }, '7 state', 'its revision cannot be read'],
    ['a history without revision', { ...history, revision: 1.5 }, '7 history#00000002', 'its revision cannot be read'],
    ['a state without steps', { ...state, steps: undefined }, '7 state', 'its steps cannot be read'],
    ['a state whose steps are null', { ...state, steps: null }, '7 state', 'its steps cannot be read'],
    ['a state whose steps are a text', { ...state, steps: 'flight' }, '7 state', 'its steps cannot be read'],
    [
      'empty but for its key',
      { sagaId: '7', item: 'state' },
      '7 state',
      'its status, version, revision, steps cannot be read',
    ],
  ])('is refused if it is %s', (_, item, name, problem) => {
    expect(() => parseSagaItem(item)).toThrow(
      expect.objectContaining({
        code: 'SAGA_ITEM_MALFORMED',
        message: `item '${name}' of the saga table is not valid: ${problem}`,
      }),
    );
  });
});
