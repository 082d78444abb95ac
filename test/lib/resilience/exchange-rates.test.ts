import { expect, it } from 'vitest';
import { createJsonClient, createPolicy, type JsonClient, type PolicyObserver, readAs } from 'waybill/resilience';
import { systemClock } from 'waybill/runtime';
import * as z from 'zod';

// the port: what the service needs, in its own words
interface ExchangeRates {
  rateOf(pair: { readonly from: string; readonly to: string }, signal: AbortSignal): Promise<number>;
}

// the adapter: their words end here
const quoteSchema = z.object({ PAIR: z.string(), QUOTE: z.string().regex(/^\d+\.\d+$/) });

const createHttpExchangeRates = (client: JsonClient): ExchangeRates => ({
  rateOf: ({ from, to }, signal) =>
    client.post(
      {
        path: '/quotes',
        body: { PAIR: `${from}/${to}` },
        // a question, which changes nothing there; a charge has a key
        idempotencyKey: undefined,
        answers: { 200: readAs(quoteSchema, ({ QUOTE }) => Number(QUOTE)) },
      },
      signal,
    ),
});

// a function gets its client from createExternalClient of lib/runtime; a test makes its own
const observer: PolicyObserver = {
  breakerChanged: () => undefined,
  retried: () => undefined,
  ended: () => undefined,
};

function createRates(...answers: readonly Response[]): ExchangeRates {
  let asked = 0;
  const policy = createPolicy({
    name: 'exchange-rates',
    timeoutMs: 800,
    retry: { baseMs: 1, capMs: 5 },
    clock: systemClock,
    random: Math.random,
    observer,
  });
  const answer = async () => answers[asked++] ?? Response.error();
  return createHttpExchangeRates(
    createJsonClient({ baseUrl: 'https://rates.example.com', policy, clock: systemClock, fetch: answer }),
  );
}

const { signal } = new AbortController();
const pair = { from: 'GBP', to: 'EUR' };

it('returns the exchange rate even if the first attempt fails', async () => {
  const rates = createRates(new Response('', { status: 503 }), Response.json({ PAIR: 'GBP/EUR', QUOTE: '1.1850' }));

  expect(await rates.rateOf(pair, signal)).toBe(1.185);
});

it('refuses an invalid exchange rate quote, and names the path', async () => {
  const rates = createRates(Response.json({ PAIR: 'GBP/EUR', QUOTE: 'n/a' }));

  await expect(rates.rateOf(pair, signal)).rejects.toMatchObject({
    code: 'EXTERNAL_RESPONSE_INVALID',
    mismatches: [{ path: 'QUOTE' }],
  });
});
