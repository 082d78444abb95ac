import { describe, expect, it } from 'vitest';
import { defineProjection, type ViewKey } from '../../../lib/projection/index.ts';
import { Opened } from './accounts.ts';
import { createRig } from './rig.ts';

const shelves = defineProjection({
  name: 'shelves',
  events: [Opened],
  view: { partitionKey: { name: 'shelf', type: 'S' }, sortKey: { name: 'place', type: 'N' } },
  parse: (item) => item,
  keys: ({ data }) => [{ shelf: data.owner, place: Number(data.accountId) }],
  on: { 'com.example.account.opened': (_, { data }) => ({ title: data.accountId }) },
});

describe('a key of a view', () => {
  it('finds the item by a string and a number', async () => {
    const rig = createRig(shelves);
    await rig.handle(await rig.publish(Opened, { accountId: '0', owner: 'a' }));

    expect((await rig.reader.get({ shelf: 'a', place: 0 }))?.item).toStrictEqual({ shelf: 'a', place: 0, title: '0' });
  });

  it.each<[unknown, string]>([
    [{ shelf: 'a' }, "{ shelf: 'a' }"],
    [{ place: 1 }, '{ place: 1 }'],
    [{ shelf: '', place: 1 }, "{ shelf: '', place: 1 }"],
    [{ shelf: 'a', place: '1' }, "{ shelf: 'a', place: '1' }"],
    [{ shelf: 'a', place: Number.NaN }, "{ shelf: 'a', place: NaN }"],
    [{ shelf: 'a', place: 1, b: 2 }, "{ shelf: 'a', place: 1, b: 2 }"],
    [{ shelf: 'a', place: 1, b: 2, c: 3, d: 4 }, "{ shelf: 'a', place: 1, b: 2, c: 3, d: 4 }"],
    [{ shelf: 'a', place: 1, b: 2, c: 3, d: 4, e: 5 }, "{ shelf: 'a', place: 1, b: 2, c: 3, d: 4, … }"],
    [{}, '{}'],
    [null, 'null'],
    [undefined, 'undefined'],
    ['a', "'a'"],
  ])('is refused as %o, with a description of a valid key', async (key, shown) => {
    const { reader } = createRig(shelves);

    await expect(reader.get(key as ViewKey)).rejects.toMatchObject({
      code: 'PROJECTION_QUERY_INVALID',
      message: `a key of 'shelves' must have 'shelf' (non-empty string) and 'place' (number) and no other members, got ${shown}`,
    });
  });

  it('cannot be a string, even if an attribute has a numeric name', async () => {
    const { reader } = createRig(
      defineProjection({
        name: 'numbered',
        events: [Opened],
        view: { partitionKey: { name: '0', type: 'S' } },
        parse: (item) => item,
        keys: () => [],
        on: { 'com.example.account.opened': () => undefined },
      }),
    );

    await expect(reader.get('a' as unknown as ViewKey)).rejects.toMatchObject({
      message: "a key of 'numbered' must have '0' (non-empty string) and no other members, got 'a'",
    });
  });
});
