import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMovableClock, type MovableClock } from '../../../../../../local/clock.ts';
import { type ExternalServices, openExternalServices } from '../../../../local/external/external-services.ts';
import { gtinOf } from '../../../../local/external/suppliers/assortment.ts';
import { planSupplierChaos } from '../../../../local/external/suppliers/supplier-faults.ts';
import type { AccountFeeds } from '../../../../local/external/suppliers/suppliers.ts';

let external: ExternalServices;
let clock: MovableClock;
let feeds: AccountFeeds;

beforeEach(async () => {
  clock = createMovableClock();
  external = await openExternalServices({ clock });
  feeds = external.suppliers.open('tenant-1');
});
afterEach(() => external.close());

const article = (number: number) => ({
  sku: `TEA-${String(number).padStart(2, '0')}`,
  name: `Tea ${number}`,
  price: { currency: 'GBP', minorUnits: 695 },
});

async function get(path: string, headers: Readonly<Record<string, string>> = { 'x-account': 'tenant-1' }) {
  const response = await fetch(`${external.url}${path}`, { headers });
  return { status: response.status, body: (await response.json()) as Record<string, never> };
}

describe('supplier A', () => {
  it('sends rows after a place in its order of time and SKU, with times in its own zone', async () => {
    const { 'supplier-a': a } = feeds;
    for (const number of [2, 1, 3]) a.put(article(number));
    a.clock.advance(1);
    a.put(article(4));

    const after = encodeURIComponent('2011-12-09T12:50:00+01:00');
    const { body } = await get(`/supplier-a/articles?after=${after}&id=TEA-01`);

    expect(body).toMatchObject({
      ROWS: [
        { SKU: 'TEA-02', TITLE: 'TEA 2', NET: 6.95, CUR: 'GBP', MODIFIED: '2011-12-09T12:50:00+01:00' },
        { SKU: 'TEA-03' },
        { SKU: 'TEA-04', MODIFIED: '2011-12-09T12:50:01+01:00' },
      ],
      MORE: false,
    });
  });

  it('forgets what it no longer sells', async () => {
    const { 'supplier-a': a } = feeds;
    a.put(article(1));
    a.put(article(2));
    a.remove('TEA-01');

    expect((await get('/supplier-a/articles/all')).body).toMatchObject({ ROWS: [{ SKU: 'TEA-02' }], NEXT: null });
    expect((await get('/supplier-a/articles/TEA-01')).status).toBe(404);
  });

  it('shows an account no products of another one', async () => {
    feeds['supplier-a'].put(article(1));
    external.suppliers.open('tenant-2');

    expect((await get('/supplier-a/articles', { 'x-account': 'tenant-2' })).body).toMatchObject({ ROWS: [] });
    expect((await get('/supplier-a/articles', { 'x-account': 'tenant-3' })).status).toBe(403);
  });

  it.each([
    ['truncate', { ROWS: [{ SKU: 'TEA-01' }, { SKU: 'TEA-02' }] }],
    ['end-early', { ROWS: [{ SKU: 'TEA-01' }, { SKU: 'TEA-02' }], NEXT: null }],
    ['move', { ROWS: [{ SKU: 'TEA-01' }, { SKU: 'TEA-03' }, { SKU: 'TEA-04' }], NEXT: null }],
    ['drift', { ROWS: [{ NET: '6,95' }, { NET: '6,95' }, { NET: '6,95' }, { NET: '6,95' }], NEXT: null }],
  ] as const)('disturbs a page of all articles by %s', async (kind, expected) => {
    for (const number of [1, 2, 3, 4]) feeds['supplier-a'].put(article(number));
    external.disturb('supplier-a', { kind });

    // what is no page is left alone, and does not use the fault up
    expect((await get('/supplier-a/articles/TEA-01')).body).toMatchObject({ NET: 6.95 });
    const { body } = await get('/supplier-a/articles/all');

    expect(body).toMatchObject(expected);
    expect(Object.keys(body)).toStrictEqual(Object.keys(expected));
  });
});

describe('supplier B', () => {
  const exchange = async (body: object, key = '') => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    const response = await fetch(`${external.url}/supplier-b/oauth/token`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  const connect = async () => (await exchange({ code: external.suppliers.tokens.newCode('tenant-1') })).body;
  const changes = (access: string | undefined, after = '') =>
    get(`/supplier-b/changes?after=${after}`, { authorization: `Bearer ${access}` });

  it('sends each product once, as it was changed last, and marks what is removed', async () => {
    const { 'supplier-b': b } = feeds;
    b.put(article(1));
    b.put(article(2));
    b.put({ ...article(1), name: 'New tea' });
    b.remove('TEA-02');
    const { access_token } = await connect();

    expect((await changes(access_token)).body).toStrictEqual({
      changes: [
        {
          gtin: gtinOf('TEA-01'),
          revision: 3,
          removed: false,
          articleCode: 'TEA-01',
          title: 'New tea',
          price: { amount: '6.95', currency: 'GBP' },
        },
        { gtin: gtinOf('TEA-02'), revision: 4, removed: true },
      ],
      cursor: 'after-4',
      complete: true,
    });
    expect((await changes(access_token, 'after-3')).body).toMatchObject({ changes: [{ revision: 4 }] });
  });

  it('refuses an access token that has expired', async () => {
    const { access_token } = await connect();

    expect((await changes(access_token)).status).toBe(200);
    clock.advance(91_000);
    expect((await changes(access_token)).status).toBe(401);
  });

  it('takes a refresh token once, and repeats its answer for the same key', async () => {
    const { refresh_token } = await connect();

    const first = await exchange({ refresh_token }, 'k1');
    expect(await exchange({ refresh_token }, 'k1')).toStrictEqual(first);
    expect(external.suppliers.tokens.burnt()).toBe(0);
    expect((await exchange({ refresh_token }, 'k2')).status).toBe(400);
    expect(external.suppliers.tokens.burnt()).toBe(1);
  });
});

it('GTINs have a check digit, and are the same for the same SKU', () => {
  const digits = [...gtinOf('TEA-01')].map(Number);

  expect(digits).toHaveLength(13);
  expect(digits.reduce((sum, digit, index) => sum + digit * (index % 2 === 0 ? 1 : 3), 0) % 10).toBe(0);
  expect(gtinOf('TEA-01')).toBe(gtinOf('TEA-01'));
});

it('an editor makes the same changes for the same seed, and keeps the prices of what is ordered', async () => {
  const linesOf = async () => {
    const other = await openExternalServices({ clock, seed: 7 });
    const opened = other.suppliers.open(undefined);
    opened.editor.fill([article(1)]);
    for (let step = 0; step < 200; step++) opened.editor.step();
    await other.close();
    return [opened['supplier-a'].lines(), opened['supplier-b'].lines()].flat();
  };

  const lines = await linesOf();

  expect(await linesOf()).toStrictEqual(lines);
  const ordered = lines.filter(({ sku }) => sku === 'TEA-01');
  expect(ordered.map(({ price, isRemoved }) => ({ price, isRemoved }))).toStrictEqual(
    ordered.map(() => ({ price: { currency: 'GBP', minorUnits: 695 }, isRemoved: false })),
  );
  expect(lines.some(({ isRemoved }) => isRemoved)).toBe(true);
});

it('the faults of a seed are the same ones, and of all kinds', () => {
  const draw = () => {
    const plan = planSupplierChaos(3);
    return Array.from({ length: 3000 }, () => [plan.ofRequest('supplier-a', true)?.kind, plan.ofTelling()]);
  };

  const drawn = draw();

  expect(draw()).toStrictEqual(drawn);
  expect(new Set(drawn.map(([kind]) => kind))).toStrictEqual(
    new Set([
      ...[undefined, 'error', 'throttle', 'hang', 'reset', 'malformed'],
      ...['truncate', 'end-early', 'move', 'repeat', 'drift'],
    ]),
  );
  expect(new Set(drawn.map(([, telling]) => telling))).toStrictEqual(
    new Set([undefined, 'duplicate', 'older', 'lost', 'bare']),
  );
});
