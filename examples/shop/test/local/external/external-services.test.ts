import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMovableClock, type MovableClock } from '../../../../../local/clock.ts';
import { until } from '../../../../../test/fixtures/until.ts';
import { type ExternalServices, openExternalServices } from '../../../local/external/external-services.ts';

let external: ExternalServices;
let clock: MovableClock;

beforeEach(async () => {
  clock = createMovableClock(() => Date.parse('2026-11-20T06:00:00Z'));
  external = await openExternalServices({ clock });
});
afterEach(() => external.close());

async function send(method: string, path: string, body?: unknown, key?: string) {
  const response = await fetch(`${external.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const charge = (amt: string, key: string, more: object = {}) =>
  send('POST', '/payment-gateway/v2/charges', { merchantRef: '1001', amt, ccy: 'GBP', ...more }, key);

describe('the local external systems', () => {
  it('return their URLs as CDK context', () => {
    expect(external.context).toEqual({
      'shop:paymentGatewayUrl': `${external.url}/payment-gateway`,
      'shop:fraudCheckUrl': `${external.url}/fraud-check`,
      'shop:carrierUrl': `${external.url}/carrier`,
      'shop:courierUrl': `${external.url}/courier`,
      'shop:mailerUrl': `${external.url}/mailer`,
    });
    expect(external.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('record each operation once in a ledger', async () => {
    const { body } = await charge('12.50', 'k1');
    await charge('12.50', 'k1');
    await charge('1000.00', 'k2');
    const { txnRef } = body;
    await send('POST', `/payment-gateway/v2/charges/${txnRef}/refunds`, { amt: '12.50', ccy: 'GBP' }, 'k3');
    await send(
      'POST',
      '/carrier/parcels',
      { customerReference: '1001', service: 'STANDARD', items: [{ article: 'TEA', pieces: 2 }] },
      'k4',
    );
    await send('POST', '/mailer/messages', { recipientRef: 'c1', subjectLine: 'Hello', plainText: 'Tea' }, 'k5');

    const ledger = external.ledger();

    const at = '2026-11-20T06:00:00.000Z';
    expect(ledger).toMatchObject({
      charges: [
        { idempotencyKey: 'k1', reference: '1001', minorUnits: 1250, currency: 'GBP', state: 'CAPTURED', txnRef, at },
        { idempotencyKey: 'k2', state: 'DECLINED', declineCode: 'LIMIT_EXCEEDED', txnRef: undefined },
      ],
      refunds: [{ idempotencyKey: 'k3', txnRef, reference: '1001', minorUnits: 1250 }],
      parcels: [{ idempotencyKey: 'k4', reference: '1001', state: 'BOOKED', items: [{ article: 'TEA', pieces: 2 }] }],
      mails: [{ idempotencyKey: 'k5', recipient: 'c1', subject: 'Hello' }],
      requests: { received: 6, repeated: 1, disturbed: 0 },
    });
    expect((await send('GET', '/ledger')).body).toMatchObject({ requests: { received: 6 } });
  });

  it.each<[string, number, string, () => ReturnType<typeof send>]>([
    ['a charge without a key', 400, 'IDEMPOTENCY_KEY_MISSING', () => charge('1.00', '')],
    ['an amount with too many digits', 400, 'AMOUNT_INVALID', () => charge('1.000', 'k')],
    ['an amount that is none', 400, 'AMOUNT_INVALID', () => charge('-1.00', 'k')],
    ['a charge without a reference', 400, 'REFERENCE_MISSING', () => charge('1.00', 'k', { merchantRef: '' })],
    [
      'a refund of nothing',
      404,
      'TXN_NOT_FOUND',
      () => send('POST', '/payment-gateway/v2/charges/txn_0/refunds', { amt: '1.00', ccy: 'GBP' }, 'k'),
    ],
    [
      'a refund of what is not well encoded',
      404,
      'TXN_NOT_FOUND',
      () => send('POST', '/payment-gateway/v2/charges/%/refunds', { amt: '1.00', ccy: 'GBP' }, 'k'),
    ],
    [
      'a parcel with nothing in it',
      400,
      'PARCEL_INVALID',
      () => send('POST', '/carrier/parcels', { customerReference: '1', items: [] }, 'k'),
    ],
    ['a mail without text', 400, 'MESSAGE_INVALID', () => send('POST', '/mailer/messages', { recipientRef: 'c' }, 'k')],
    ['what is not JSON', 400, 'REQUEST_INVALID', () => send('POST', '/carrier/parcels', 'text', 'k')],
    ['a path that is none', 404, 'NOT_FOUND', () => send('POST', '/carrier/letters', {}, 'k')],
  ])('refuse %s', async (_what, status, code, ask) => {
    const answer = await ask();

    expect(answer).toMatchObject({ status, body: { error: { code } } });
  });

  it('accept a corrected request under the same key', async () => {
    await charge('1.0', 'k1');

    const mended = await charge('1.00', 'k1');

    expect(mended.status).toBe(201);
  });

  it('refuse a key while its first request is in progress', async () => {
    external.disturb('payment-gateway', { kind: 'slow', delayMs: 1_000 });
    const first = charge('1.00', 'k1');
    await until(() => external.ledger().requests.disturbed > 0);

    const second = await charge('1.00', 'k1');
    clock.advance(1_000);

    expect(second).toMatchObject({ status: 409, body: { error: { code: 'REQUEST_IN_PROGRESS' } } });
    expect(await first).toMatchObject({ status: 201 });
    expect(external.ledger().charges).toHaveLength(1);
  });

  it('inject faults on request, also by HTTP, until the faults are used up or cleared', async () => {
    const asked = await send('POST', '/faults', {
      system: 'payment-gateway',
      fault: { kind: 'error', status: 503, retryAfterSeconds: 9 },
      times: 2,
    });
    const disturbed = await charge('1.00', 'k1');
    const open = await send('GET', '/faults');
    await send('DELETE', '/faults');
    const undisturbed = await charge('1.00', 'k1');

    expect([asked.status, disturbed.status, undisturbed.status]).toEqual([201, 503, 201]);
    expect(open.body).toMatchObject([{ system: 'payment-gateway', times: 1 }]);
  });

  it.each([
    ['an unknown system', { system: 'bank', fault: { kind: 'hang' } }],
    ['an unknown kind', { system: 'carrier', fault: { kind: 'fire' } }],
    ['an error that is none', { system: 'carrier', fault: { kind: 'error', status: 200 } }],
    ['no times', { system: 'carrier', fault: { kind: 'hang' }, times: 0 }],
    ['nothing', {}],
  ])('refuse to inject faults for %s, and list the possible values', async (_what, wanted) => {
    const answer = await send('POST', '/faults', wanted);

    expect(answer).toMatchObject({ status: 400, body: { problem: expect.stringContaining('{"kind": "hang"}') } });
  });

  it('describe their requests on a page', async () => {
    expect((await send('GET', '/')).body).toHaveProperty(['GET /ledger']);
    expect(await send('GET', '/nowhere')).toMatchObject({ status: 404, body: { problem: 'there is no GET /nowhere' } });
  });

  it('answer requests for any path', async () => {
    const answer = await send('GET', '//');

    expect(answer).toMatchObject({ status: 404, body: { problem: 'there is no GET //' } });
  });

  it('close even if a request hangs', async () => {
    external.disturb('carrier', { kind: 'hang' });
    const parcel = { customerReference: '1001', service: 'STANDARD', items: [{ article: 'TEA', pieces: 1 }] };
    const hanging = expect(send('POST', '/carrier/parcels', parcel, 'k1')).rejects.toThrow('fetch failed');
    await until(() => external.ledger().parcels.length > 0);

    await external.close();

    await hanging;
  });
});
