import type { RequestListener } from 'node:http';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type JsonPage, type JsonQuery, readAs } from '../../../lib/resilience/index.ts';
import { clientOf, policyOf, readAll, useJsonServers } from './json-server.ts';

const { signal } = new AbortController();
const { serve } = useJsonServers();

const rateQuery: JsonQuery<number> = {
  path: '/rates/GB',
  answers: { 200: readAs(z.object({ RATE: z.number() }), ({ RATE }) => RATE) },
};

describe('a query of a JSON client', () => {
  it('is a GET request without a body, with its filters as parameters', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push([request.method, request.url, request.headers['content-type'], request.headers['idempotency-key']]);
      response.end('{"RATE": 20}');
    });

    const query = { service: ['next day', 'a&b'], insured: true, pieces: 3, before: undefined };
    expect(await clientOf(`${url}/v2`).get({ ...rateQuery, query }, signal)).toBe(20);

    expect(seen).toEqual([
      ['GET', '/v2/rates/GB?service=next+day&service=a%26b&insured=true&pieces=3', undefined, undefined],
    ]);
  });

  it.each([
    ['JSON', '{"error": "unknown"}'],
    ['a page of HTML', '<html>'],
    ['nothing', ''],
  ])('is null if there is no such thing, said with %s', async (_, body) => {
    const url = await serve((_request, response) => void response.writeHead(404).end(body));

    expect(await clientOf(url).get(rateQuery, signal)).toBeNull();
  });

  it('leaves a 404 to its own reader', async () => {
    const url = await serve((_request, response) => void response.writeHead(404).end('{"RATE": 0}'));

    expect(await clientOf(url).get({ ...rateQuery, answers: { 404: async () => ({ answer: -1 }) } }, signal)).toBe(-1);
  });

  it('that creates something is an error after a 404', async () => {
    const url = await serve((_request, response) => void response.writeHead(404).end());

    const posted = clientOf(url).post({ ...rateQuery, body: {}, idempotencyKey: 'k' }, signal);

    await expect(posted).rejects.toMatchObject({ code: 'EXTERNAL_REQUEST_REJECTED', status: 404 });
  });

  it('does not follow a redirect, which would take the credentials elsewhere', async () => {
    const elsewhere = await serve((_request, response) => void response.end('{"RATE": 1}'));
    const url = await serve((_request, response) => void response.writeHead(302, { location: elsewhere }).end());

    await expect(clientOf(url).get(rateQuery, signal)).rejects.toMatchObject({
      code: 'EXTERNAL_REQUEST_REJECTED',
      status: 302,
    });
  });
});

describe('the limits of one call', () => {
  const hang: RequestListener = () => undefined;

  it('end its attempt sooner than the policy would', async () => {
    const url = await serve(hang);

    const outcome = clientOf(url).get({ ...rateQuery, limits: { timeoutMs: 20 } }, signal);

    await expect(outcome).rejects.toMatchObject({
      code: 'EXTERNAL_TIMEOUT',
      message: 'tax-service did not respond within 20 ms',
    });
  });

  it('retry more often than the policy would, and leave other calls as they are', async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      response.writeHead(asked === 3 ? 200 : 503).end('{"RATE": 20}');
    });
    const client = clientOf(url);

    expect(await client.get({ ...rateQuery, limits: { retry: { maxTries: 3, baseMs: 1 } } }, signal)).toBe(20);
    await expect(client.get(rateQuery, signal)).rejects.toMatchObject({ code: 'EXTERNAL_UNAVAILABLE' });

    expect(asked).toBe(4);
  });

  it('keep what they do not name of the policy', async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      response.writeHead(503).end();
    });
    const client = clientOf(url, { policy: policyOf({ retry: { maxTries: 2, baseMs: 1 } }) });

    await client.get({ ...rateQuery, limits: { timeoutMs: 500 } }, signal).catch(() => undefined);

    expect(asked).toBe(2);
  });

  it('are refused if they are not valid, before anything is sent', async () => {
    const outcome = clientOf('http://127.0.0.1:9').get(
      { ...rateQuery, limits: { timeoutMs: 1, retry: { maxTries: 0 } } },
      signal,
    );

    await expect(outcome).rejects.toMatchObject({
      code: 'POLICY_INVALID',
      problems: ['timeoutMs must be 10 to 900000, got 1', 'retry.maxTries must be a whole number from 1 to 10, got 0'],
    });
  });

  it('of a list apply to each of its pages', async () => {
    const url = await serve(hang);
    const answers = { 200: readAs(z.object({}), (): JsonPage<number> => ({ items: [], next: undefined })) };

    const pages = clientOf(url).list({ path: '/rates', answers, limits: { timeoutMs: 20 } }, signal);

    await expect(readAll(pages)).rejects.toMatchObject({ code: 'EXTERNAL_TIMEOUT' });
  });
});
