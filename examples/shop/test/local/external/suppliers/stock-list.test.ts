import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../../../../local/clock.ts';
import { type ExternalServices, openExternalServices } from '../../../../local/external/external-services.ts';
import { gtinOf } from '../../../../local/external/suppliers/assortment.ts';
import type { AccountFeeds } from '../../../../local/external/suppliers/suppliers.ts';

let external: ExternalServices;
let feeds: AccountFeeds;
let authorization: string;

beforeEach(async () => {
  external = await openExternalServices({ clock: createMovableClock() });
  feeds = external.suppliers.open(undefined);
  feeds['supplier-b'].put({ sku: 'TEA', name: 'Tea', price: null });
  const code = external.suppliers.tokens.newCode(undefined);
  const { body } = external.suppliers.tokens.issue({ code }, undefined);
  authorization = `Bearer ${(body as { readonly access_token: string }).access_token}`;
});
afterEach(() => external.close());

async function send(method: 'GET' | 'POST', path: string, body?: object, key = '') {
  const response = await fetch(`${external.supplierBUrl}${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json', 'idempotency-key': key },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as unknown };
}

const path = `/stock/${gtinOf('TEA')}`;

describe("supplier B's list of the shop's stock", () => {
  it('has a line for each product, without pieces until it is told', async () => {
    expect((await send('GET', '/stock')).body).toStrictEqual({
      lines: [{ gtin: gtinOf('TEA'), articleCode: 'TEA', pieces: 0, revision: 1 }],
      cursor: 'after-1',
      complete: true,
    });
  });

  it('takes a request once, and returns what was written as a change of its own', async () => {
    await send('GET', '/stock');

    const first = await send('POST', path, { pieces: 7, ifRevision: 1 }, 'k1');
    const again = await send('POST', path, { pieces: 7, ifRevision: 1 }, 'k1');

    expect(first).toStrictEqual({ status: 200, body: { revision: 2 } });
    expect(again).toStrictEqual(first);
    expect(feeds.stock.written()).toBe(1);
    expect((await send('GET', '/stock?after=after-1')).body).toMatchObject({ lines: [{ pieces: 7, revision: 2 }] });
  });

  it('refuses to overwrite what somebody at the supplier has changed', async () => {
    await send('GET', '/stock');
    feeds.stock.set('TEA', 99);

    expect((await send('POST', path, { pieces: 7, ifRevision: 1 }, 'k1')).status).toBe(412);
    expect((await send('POST', path, { pieces: 'many', ifRevision: 2 }, 'k2')).status).toBe(400);
    expect(feeds.stock.pieces('TEA')).toBe(99);
  });
});
