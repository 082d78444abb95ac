import { describe, expect, it } from 'vitest';
import { createApiRig } from './api-rig.ts';

const BODY = { product: 'lamp', quantity: 2 };
const ORDER = { params: { orderId: 'o-1' } };

async function withOrder() {
  const rig = createApiRig();
  await rig.send('POST /orders', { headers: { 'idempotency-key': 'k' }, body: BODY });
  const change = (headers: Readonly<Record<string, string>>, quantity = 3) =>
    rig.send('PUT /orders/{orderId}', { ...ORDER, headers, body: { ...BODY, quantity } });
  const read = (headers: Readonly<Record<string, string>> = {}) =>
    rig.send('GET /orders/{orderId}', { ...ORDER, headers });
  return { rig, change, read };
}

describe('a versioned resource', () => {
  it('shows its version as ETag', async () => {
    const { read } = await withOrder();

    expect(await read()).toMatchObject({ status: 200, headers: { etag: '"1"' } });
  });

  it.each([['"1"'], ['W/"1"'], ['"0", "1"'], ['*']])('is not sent again to who has %s', async (tags) => {
    const { read } = await withOrder();

    const { status, text, headers } = await read({ 'if-none-match': tags });

    expect([status, text, headers['etag']]).toStrictEqual([304, '', '"1"']);
    expect(headers).not.toHaveProperty('content-type');
  });

  it('is sent to who has another version', async () => {
    const { read } = await withOrder();

    expect(await read({ 'if-none-match': '"2"' })).toMatchObject({ status: 200, json: { quantity: 2 } });
  });

  it('is not changed without If-Match', async () => {
    const { change, read } = await withOrder();

    expect(await change({})).toMatchObject({ status: 428, json: { code: 'PRECONDITION_REQUIRED' } });
    expect(await read()).toMatchObject({ json: { quantity: 2 } });
  });

  it.each(['"0"', 'W/"1"', '1', ''])('is not changed by who has read %s', async (tag) => {
    const { change, read } = await withOrder();

    expect(await change({ 'if-match': tag })).toMatchObject({ status: 412, json: { code: 'PRECONDITION_FAILED' } });
    expect(await read()).toMatchObject({ json: { quantity: 2 } });
  });

  it('is changed by who has read it last', async () => {
    const { change, read } = await withOrder();

    expect(await change({ 'if-match': '"1"' })).toMatchObject({ status: 204, text: '' });
    expect(await read()).toMatchObject({ headers: { etag: '"2"' }, json: { quantity: 3 } });
  });

  it('is changed by one of two racing PUTs', async () => {
    const { rig, change, read } = await withOrder();
    let other: Awaited<ReturnType<typeof change>> | undefined;
    rig.meanwhile.run = async () => {
      rig.meanwhile.run = () => undefined;
      other = await change({ 'if-match': '"1"' }, 7);
    };

    expect(await change({ 'if-match': '"1"' }, 9)).toMatchObject({ status: 412 });
    expect(other).toMatchObject({ status: 204 });
    expect(await read()).toMatchObject({ headers: { etag: '"2"' }, json: { quantity: 7 } });
  });
});
