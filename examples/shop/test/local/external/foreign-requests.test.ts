import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../../../local/clock.ts';
import { sendOverWire, type WireRequest } from '../../../../../test/fixtures/send-over-wire.ts';
import { type ExternalServices, openExternalServices } from '../../../local/external/external-services.ts';

const FAULT = '{"system":"mailer","fault":{"kind":"hang"}}';
const CHARGE: WireRequest = {
  method: 'POST',
  path: '/payment-gateway/v2/charges',
  headers: { 'content-type': 'application/json', 'idempotency-key': 'k1' },
  body: '{"merchantRef":"1001","amt":"12.50","ccy":"GBP"}',
};

let external: ExternalServices;
let port: string;
beforeEach(async () => {
  external = await openExternalServices({ clock: createMovableClock(() => Date.parse('2026-11-20T06:00:00Z')) });
  port = new URL(external.url).port;
});
afterEach(() => external.close());

const send = ({ headers = {}, ...rest }: WireRequest, more: Record<string, string> = {}) =>
  sendOverWire(external.url, { ...rest, headers: { ...headers, ...more } });

describe('the server of the external systems', () => {
  it.each(['evil.example', 'evil.example:PORT', '127.0.0.1:1'])('refuses a request for Host %s', async (host) => {
    const ledger = await send({ path: '/ledger' }, { host: host.replace('PORT', port) });
    const charge = await send(CHARGE, { host: host.replace('PORT', port) });

    expect(ledger).toMatchObject({ status: 403, contentType: 'text/plain; charset=utf-8' });
    expect(ledger.body).toContain(`the Host header is '${host.replace('PORT', port)}'`);
    expect(ledger.body).toContain(`Call http://127.0.0.1:${port}`);
    expect(charge.status).toBe(403);
    expect(external.ledger()).toMatchObject({ charges: [], requests: { received: 0 } });
  });

  it('refuses requests from pages of other sites', async () => {
    const answers = [
      await send(CHARGE, { origin: 'https://evil.example' }),
      await send({ method: 'DELETE', path: '/faults' }, { origin: 'null' }),
      await send({ method: 'OPTIONS', path: '/faults' }, { origin: 'https://evil.example' }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(answers[0]?.body).toBe(
      "the Origin header says that a page of 'https://evil.example' sent this, and the external systems of a local run take nothing from web pages: nothing here asks who is calling.\n" +
        'Use a program outside of a browser, such as curl.\n',
    );
    expect(external.ledger().charges).toEqual([]);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', undefined])(
    'refuses a body of type %s, because any page can send it, and says how to send it',
    async (type) => {
      const answer = await send(
        { method: 'POST', path: '/faults', body: FAULT },
        type === undefined ? {} : { 'content-type': type },
      );

      expect(answer).toEqual({
        status: 403,
        contentType: 'text/plain; charset=utf-8',
        body:
          `the body's content type is '${type ?? ''}', as any web page can send it.\n` +
          "Say that it is JSON: curl -H 'content-type: application/json'.\n",
      });
    },
  );

  it('accepts JSON from programs, and requests from its own page', async () => {
    const json = { 'content-type': 'application/json; charset=utf-8' };

    const asked = await send({ method: 'POST', path: '/faults', body: FAULT }, { ...json, host: `localhost:${port}` });
    const shown = await send({ path: '/faults' }, { origin: external.url });
    const charged = await send(CHARGE);

    expect([asked.status, shown.status, charged.status]).toEqual([201, 200, 201]);
  });
});
