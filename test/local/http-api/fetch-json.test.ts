import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchJson } from '../../../local/http-api/fetch-json.ts';

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://issuer');
  if (pathname === '/silent') return;
  response.end(JSON.stringify({ filler: 'a'.repeat(Number(searchParams.get('bytes'))) }));
});
const url = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('the keys of an issuer', () => {
  it('are read up to 150 kB', async () => {
    expect(await fetchJson(url('/keys?bytes=149980'))).toHaveProperty('filler');
    await expect(fetchJson(url('/keys?bytes=150000'))).rejects.toThrow(
      'answered more than the 150000 bytes that API Gateway reads',
    );
  });

  it('are not waited for longer than API Gateway waits', async () => {
    await expect(fetchJson(url('/silent'))).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
