import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type JsonList, type JsonPage, type Query, readAs } from '../../../lib/resilience/index.ts';
import { clientOf, policyOf, readAll, useJsonServers } from './json-server.ts';

const { signal } = new AbortController();
const { serve } = useJsonServers();

const pageSchema = z.object({ data: z.array(z.number()), next: z.optional(z.unknown()) });

const listOf = (toNext: (next: unknown) => JsonPage<number>['next']): JsonList<number> => ({
  path: '/rates',
  query: { country: 'GB', limit: 2 },
  answers: { 200: readAs(pageSchema, ({ data, next }) => ({ items: data, next: toNext(next ?? undefined) })) },
});

const byCursor = listOf((next) => (next === undefined ? undefined : { after: String(next) }));
const byLink = listOf((next) => next as string | undefined);

/** A system whose pages are given, by the parameter `after`. */
async function servePages(pages: Readonly<Record<string, { data: readonly number[]; next?: unknown }>>) {
  const asked: string[] = [];
  const url = await serve((request, response) => {
    asked.push(request.url ?? '');
    const after = new URL(request.url ?? '', 'http://x').searchParams.get('after') ?? 'start';
    response.end(JSON.stringify(pages[after]));
  });
  return { url, asked };
}

describe('a list of a JSON client', () => {
  it('reads one page after another, each with the filters', async () => {
    const { url, asked } = await servePages({
      start: { data: [1, 2], next: 'b' },
      b: { data: [3, 4], next: 'c' },
      c: { data: [5] },
    });

    const pages = await readAll(clientOf(url).list(byCursor, signal));

    expect(pages).toEqual([[1, 2], [3, 4], [5]]);
    expect(asked).toEqual([
      '/rates?country=GB&limit=2',
      '/rates?country=GB&limit=2&after=b',
      '/rates?country=GB&limit=2&after=c',
    ]);
  });

  it('asks for a page only when the one before has been processed', async () => {
    const { url, asked } = await servePages({ start: { data: [1], next: 'b' }, b: { data: [2], next: 'c' } });

    for await (const items of clientOf(url).list(byCursor, signal)) if (items.includes(1)) break;

    expect(asked).toHaveLength(1);
  });

  it.each([
    ['a link with a path alone', (_url: string) => '/v1/rates?after=b'],
    ['parameters alone', (_url: string) => '?after=b'],
    ['a whole link', (url: string) => `${url}/v1/rates?after=b`],
  ])('follows %s', async (_, linkOf) => {
    const pages: Record<string, { data: number[]; next?: unknown }> = { b: { data: [2] } };
    const { url, asked } = await servePages(pages);
    pages['start'] = { data: [1], next: linkOf(url) };

    expect(await readAll(clientOf(`${url}/v1`).list(byLink, signal))).toEqual([[1], [2]]);
    expect(asked[1]).toBe('/v1/rates?after=b');
  });

  it.each([
    'https://elsewhere.example.com/v1/rates',
    '//elsewhere.example.com/v1',
    '/admin',
    '../v1x/rates',
    'http://[',
  ])('does not follow the link %s, which is not below its own address', async (next) => {
    const { url, asked } = await servePages({ start: { data: [1], next } });

    await expect(readAll(clientOf(`${url}/v1`).list(byLink, signal))).rejects.toMatchObject({
      code: 'EXTERNAL_RESPONSE_INVALID',
    });
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['names the same next page for ever', { start: { data: [1], next: 'b' }, b: { data: [2], next: 'b' } }, [[1], [2]]],
    [
      'goes in a circle',
      { start: { data: [1], next: 'b' }, b: { data: [2], next: 'c' }, c: { data: [3], next: 'b' } },
      [[1], [2], [3]],
    ],
    ['gives the same items under new places', { start: { data: [1], next: 'b' }, b: { data: [1], next: 'c' } }, [[1]]],
  ])('ends with an error if it %s', async (_, pages, read) => {
    const { url } = await servePages(pages);
    const seen: unknown[] = [];

    const outcome = (async () => {
      for await (const items of clientOf(url).list(byCursor, signal)) seen.push(items);
    })();

    await expect(outcome).rejects.toMatchObject({
      code: 'EXTERNAL_PAGES_REPEATED',
      message: expect.stringContaining('tax-service gave a page of /rates again'),
    });
    expect(seen).toEqual(read);
  });

  it('may have empty pages, one after another', async () => {
    const { url } = await servePages({
      start: { data: [], next: 'b' },
      b: { data: [], next: 'c' },
      c: { data: [1] },
    });

    expect(await readAll(clientOf(url).list(byCursor, signal))).toEqual([[], [], [1]]);
  });

  it('ends with an error at more pages than allowed, after it has returned those', async () => {
    const { url, asked } = await servePages({ start: { data: [1], next: 'b' }, b: { data: [2], next: 'c' } });
    const seen: unknown[] = [];

    const outcome = (async () => {
      for await (const items of clientOf(url).list({ ...byCursor, maxPages: 2 }, signal)) seen.push(items);
    })();

    await expect(outcome).rejects.toMatchObject({ code: 'EXTERNAL_PAGES_UNBOUNDED' });
    expect(seen).toEqual([[1], [2]]);
    expect(asked).toHaveLength(2);
  });

  it('retries a page, and does not begin again', async () => {
    const asked: string[] = [];
    let failures = 1;
    const url = await serve((request, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://x');
      asked.push(searchParams.get('after') ?? 'start');
      if (searchParams.has('after') && failures-- > 0) return void response.writeHead(503).end();
      response.end(JSON.stringify(searchParams.has('after') ? { data: [2] } : { data: [1], next: 'b' }));
    });
    const policy = policyOf({ retry: { maxTries: 2, baseMs: 1 } });

    expect(await readAll(clientOf(url, { policy }).list(byCursor, signal))).toEqual([[1], [2]]);
    expect(asked).toEqual(['start', 'b', 'b']);
  });

  it('returns every item of any list once, whatever the size of its pages', async () => {
    let pageSize = 1;
    let count = 0;
    const url = await serve((request, response) => {
      const from = Number(new URL(request.url ?? '', 'http://x').searchParams.get('after') ?? 0);
      const data = Array.from({ length: Math.min(pageSize, count - from) }, (_, index) => from + index);
      response.end(JSON.stringify({ data, next: from + pageSize < count ? from + pageSize : null }));
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 7 }), fc.nat({ max: 30 }), async (size, items) => {
        [pageSize, count] = [size, items];
        const pages = await readAll(clientOf(url).list(byCursor, signal));
        expect(pages.flat()).toEqual(Array.from({ length: items }, (_, index) => index));
      }),
      { numRuns: 30 },
    );
  });

  it('takes the parameters of the next page instead of those of the first', async () => {
    const { url, asked } = await servePages({ start: { data: [1], next: 'b' }, b: { data: [2] } });
    const next = (place: unknown): Query | undefined =>
      place === undefined ? undefined : { after: String(place), country: undefined, limit: 9 };

    await readAll(clientOf(url).list(listOf(next), signal));

    expect(asked[1]).toBe('/rates?limit=9&after=b');
  });
});
