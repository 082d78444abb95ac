import type { IncomingMessage, RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type JsonCall, readAs } from '../../../lib/resilience/index.ts';
import { clientOf, policyOf, useJsonServers } from './json-server.ts';

const { signal } = new AbortController();

const { serve } = useJsonServers();

const call: JsonCall<number> = {
  path: '/rates',
  body: { country: 'GB' },
  idempotencyKey: 'rate-1',
  answers: { 200: readAs(z.object({ RATE: z.number() }), ({ RATE }) => RATE) },
};

const ok: RequestListener = (_request, response) => void response.end('{"RATE": 20}');

describe('a call of a JSON client', () => {
  it('is a POST request below the base URL, with its idempotency key', async () => {
    const requests: Pick<IncomingMessage, 'method' | 'url' | 'headers'>[] = [];
    const url = await serve((request, response) => {
      requests.push(request);
      ok(request, response);
    });

    const answer = await clientOf(`${url}/v2/`).post(call, signal);

    expect(answer).toBe(20);
    expect(requests).toMatchObject([
      {
        method: 'POST',
        url: '/v2/rates',
        headers: { accept: 'application/json', 'content-type': 'application/json', 'idempotency-key': 'rate-1' },
      },
    ]);
  });

  it.each([
    ['a key/of%2Fthree', 'a%20key/of%252Fthree'],
    ['tea → kettle\n', 'tea%20%E2%86%92%20kettle%0A'],
    ['cut \ud83c', 'cut%20%EF%BF%BD'],
  ])('sends the key %j as %s', async (idempotencyKey, sent) => {
    const keys: unknown[] = [];
    const url = await serve((request, response) => {
      keys.push(request.headers['idempotency-key']);
      ok(request, response);
    });

    await clientOf(url).post({ ...call, idempotencyKey }, signal);

    expect(keys).toEqual([sent]);
  });

  it('that is read-only has no idempotency key, and can have its own fallback', async () => {
    const keys: unknown[] = [];
    const url = await serve((request, response) => {
      keys.push(request.headers['idempotency-key']);
      response.writeHead(503).end();
    });

    const answer = await clientOf(url).post({ ...call, idempotencyKey: undefined, fallback: () => 19 }, signal);

    expect(answer).toBe(19);
    expect(keys).toEqual([undefined]);
  });

  it('reads the credentials before each attempt, so that rotated ones are used', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization);
      if (request.headers.authorization === 'Bearer 2') return ok(request, response);
      response.writeHead(401).end();
    });
    let asked = 0;
    const headers = async () => {
      asked += 1;
      return { Authorization: `Bearer ${asked}` };
    };

    const answer = await clientOf(url, {
      headers,
      policy: policyOf({ retry: { maxTries: 3, baseMs: 1, capMs: 1 } }),
    }).post(call, signal);

    expect(answer).toBe(20);
    expect(seen).toEqual(['Bearer 1', 'Bearer 2']);
  });

  it('that cannot be sent is an error of the caller, and opens no circuit breaker', async () => {
    const policy = policyOf({ breaker: { trip: { consecutiveFailures: 1 } } });
    const client = clientOf('http://127.0.0.1:1', { policy });

    const outcome = client.post({ ...call, body: { amount: 1n } }, signal);

    await expect(outcome).rejects.toThrow('BigInt');
    expect(policy.breakerState()).toBe('closed');
  });

  it('closes its connection when it is aborted', async () => {
    const ended = Promise.withResolvers<string>();
    const given = new AbortController();
    const url = await serve((_request, response) => {
      response.on('close', () => ended.resolve(response.writableFinished ? 'answered' : 'cut off'));
      response.writeHead(200, { 'content-type': 'application/json' }).write('{"RATE":', () => given.abort());
    });

    const outcome = clientOf(url).post(call, given.signal);

    await expect(outcome).rejects.toMatchObject({ code: 'EXTERNAL_DEADLINE' });
    expect(await ended.promise).toBe('cut off');
  });
});

describe('the response to a JSON client', () => {
  it('may be empty if its parser accepts that', async () => {
    const url = await serve((_request, response) => void response.writeHead(204).end());
    const answers = { 204: readAs(z.undefined(), () => 0) };

    expect(await clientOf(url).post({ ...call, answers }, signal)).toBe(0);
  });

  it.each<[string, RequestListener, string]>([
    [
      'a web page',
      (_, response) => void response.setHeader('content-type', 'text/html').end('<h1>4242</h1>'),
      'expected JSON, got 13 bytes of text/html',
    ],
    [
      'no JSON, and no type',
      (_, response) => void response.end('{"card": 4242'),
      'expected JSON, got 13 bytes of no type',
    ],
    [
      'JSON of another shape',
      (_, response) => void response.end('{"RATE": "4242"}'),
      'RATE: Invalid input: expected number, received string',
    ],
    ['nothing', (_, response) => void response.end(), 'Invalid input: expected object, received undefined'],
  ])('that is %s is reported without its content', async (_what, listener, expected) => {
    const client = clientOf(await serve(listener));

    const outcome = client.post(call, signal);

    await expect(outcome).rejects.toMatchObject({
      code: 'EXTERNAL_RESPONSE_INVALID',
      message: `tax-service returned 200 with an invalid body: ${expected}`,
    });
  });

  it('is read only up to its maximum length', async () => {
    const ended = Promise.withResolvers<string>();
    const url = await serve((_request, response) => {
      response.on('close', () => ended.resolve(response.writableFinished ? 'answered' : 'cut off'));
      response.write('[');
      // never ends
      response.on('drain', () => void response.write('1,'.repeat(50_000)));
      while (response.write('1,'.repeat(50_000)));
    });

    const outcome = clientOf(url, { maxAnswerBytes: 200_000 }).post(call, signal);

    await expect(outcome).rejects.toMatchObject({
      code: 'EXTERNAL_RESPONSE_INVALID',
      message: expect.stringMatching(/expected 200000 bytes at most, got more than \d+ bytes of no type$/),
    });
    expect(await ended.promise).toBe('cut off');
  });

  it('that has exactly the maximum length is read', async () => {
    const client = clientOf(await serve(ok), { maxAnswerBytes: 12 });

    expect(await client.post(call, signal)).toBe(20);
  });

  it('is refused with the first ten problems and their number', async () => {
    const url = await serve((_request, response) => void response.end(JSON.stringify(Array(300).fill('x'))));
    const answers = { 200: readAs(z.array(z.number()), () => 0) };

    const outcome = clientOf(url).post({ ...call, answers }, signal);

    await expect(outcome).rejects.toMatchObject({
      mismatches: { length: 10 },
      message: expect.stringMatching(/9: Invalid input: expected number, received string; and 290 more$/),
    });
  });
});

describe('an error response to a JSON client', () => {
  const teapot: RequestListener = (_request, response) =>
    void response.writeHead(418, { 'content-type': 'application/json' }).end('{"error":"TEAPOT","card":"4242"}');

  it('does not expose its body by default', async () => {
    const outcome = clientOf(await serve(teapot)).post(call, signal);

    await expect(outcome).rejects.toMatchObject({
      code: 'EXTERNAL_REQUEST_REJECTED',
      message: expect.stringContaining('with status 418: 32 bytes of application/json; check'),
    });
  });

  it('includes what the adapter extracts from its body, truncated to a limit', async () => {
    const readError = (_status: number, body: unknown) => ({ detail: (body as { error: string }).error.repeat(100) });

    const outcome = clientOf(await serve(teapot)).post({ ...call, readError }, signal);

    await expect(outcome).rejects.toThrow(`418: ${'TEAPOT'.repeat(33)}TE;`);
  });

  it('keeps its classification, regardless of the length of its body', async () => {
    const url = await serve((_request, response) => void response.writeHead(503).end('x'.repeat(1_000)));

    const outcome = clientOf(url, { maxAnswerBytes: 10 }).post(call, signal);

    await expect(outcome).rejects.toMatchObject({ code: 'EXTERNAL_UNAVAILABLE' });
  });
});

describe('the base URL of a JSON client', () => {
  const ONLY_HTTPS = 'must begin with https://; http:// is allowed for localhost only';

  it.each([
    ['gateway.example.com', 'must be a URL like https://gateway.example.com'],
    ['', 'must be a URL like https://gateway.example.com'],
    ['http://gateway.example.com', ONLY_HTTPS],
    ['http://127.0.0.1.example.com', ONLY_HTTPS],
    ['ftp://127.0.0.1', ONLY_HTTPS],
    [
      'https://me:secret@gateway.example.com',
      'must not contain a user or a password, because they would appear in logs: send credentials as headers',
    ],
    ['https://gateway.example.com/?key=secret', 'must not have a query or a fragment'],
  ])('is refused: %s', (baseUrl, problem) => {
    expect(() => clientOf(baseUrl)).toThrow(
      expect.objectContaining({ code: 'EXTERNAL_URL_INVALID', message: `the URL of tax-service ${problem}` }),
    );
  });

  it.each(['https://gateway.example.com/eu/', 'http://localhost:8080', 'http://[::1]:8080'])('may be %s', (baseUrl) => {
    expect(clientOf(baseUrl)).toHaveProperty('post');
  });
});
