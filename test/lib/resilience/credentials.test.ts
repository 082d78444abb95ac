import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createSecretCredentials, type JsonQuery, readAs } from '../../../lib/resilience/index.ts';
import { createTestClock } from '../../fixtures/event-maker.ts';
import { clientOf, policyOf, useJsonServers } from './json-server.ts';

const { signal } = new AbortController();
const { serve } = useJsonServers();

const query: JsonQuery<string> = {
  path: '/me',
  answers: { 200: readAs(z.object({ me: z.string() }), ({ me }) => me) },
};

/** A system that takes one key, and a secret that holds one. */
async function createRig(headersOf?: (current: string) => Record<string, string>) {
  let valid = 'first';
  let stored: string | undefined = JSON.stringify({ current: 'first' });
  let failure: Error | undefined;
  const seen: unknown[] = [];
  const reads: string[] = [];
  const url = await serve((request, response) => {
    const key = request.headers.authorization ?? request.headers['x-api-key'];
    seen.push(key);
    response.writeHead(key === `Bearer ${valid}` || key === valid ? 200 : 401).end('{"me": "shop"}');
  });
  const clock = createTestClock();
  const credentials = createSecretCredentials({
    reader: {
      async read(name) {
        reads.push(name);
        if (failure !== undefined) throw failure;
        return stored;
      },
    },
    clock,
    secret: 'shop/gateway',
    headersOf,
  });
  const policy = policyOf({ retry: { maxTries: 2, baseMs: 1 } });
  const client = clientOf(url, { credentials, policy });
  return {
    seen,
    reads,
    clock,
    ask: () => client.get(query, signal),
    rotate(key: string) {
      valid = key;
      stored = JSON.stringify({ current: key, previous: 'first' });
    },
    refuseAll() {
      valid = 'none';
    },
    store(text: string | undefined) {
      stored = text;
    },
    fail(error: Error) {
      failure = error;
    },
  };
}

describe('credentials from a secret', () => {
  it('are sent with every call, and read every five minutes', async () => {
    const { ask, seen, reads, clock } = await createRig();

    await ask();
    clock.advance(299_000);
    await ask();
    expect(reads).toEqual(['shop/gateway']);
    clock.advance(1_000);
    await ask();

    expect(reads).toHaveLength(2);
    expect(seen).toEqual(['Bearer first', 'Bearer first', 'Bearer first']);
  });

  it('are read anew after a 401, so that a rotated key takes effect within the call', async () => {
    const { ask, seen, rotate } = await createRig();
    await ask();
    rotate('second');

    expect(await ask()).toBe('shop');

    expect(seen).toEqual(['Bearer first', 'Bearer first', 'Bearer second']);
  });

  it('are read anew once in 30 seconds, however often they are refused', async () => {
    const { ask, reads, refuseAll, rotate, clock } = await createRig();
    refuseAll();

    for (let call = 0; call < 2; call++) {
      await expect(ask()).rejects.toMatchObject({ code: 'EXTERNAL_UNAUTHORIZED' });
    }
    expect(reads).toHaveLength(2);
    rotate('second');
    clock.advance(30_000);

    expect(await ask()).toBe('shop');
    expect(reads).toHaveLength(3);
  });

  it('may stand in any header', async () => {
    const { ask, seen } = await createRig((current) => ({ 'x-api-key': current }));

    await ask();

    expect(seen).toEqual(['first']);
  });

  it.each([
    ['no such secret', undefined, "the secret 'shop/gateway' does not exist"],
    ['a secret that is no JSON', 'first', "the secret 'shop/gateway' is no JSON"],
    ['a secret without a current value', '{"previous":"first"}', "the secret 'shop/gateway' has no text 'current'"],
  ])('defer the event for %s, and never show a value', async (_, text, message) => {
    const { ask, seen, store } = await createRig();
    store(text);

    const failure = await ask().catch((error: unknown) => error);

    expect(failure).toMatchObject({
      code: 'EXTERNAL_CREDENTIALS_UNREADABLE',
      disposition: 'defer',
      retryAfterSeconds: 30,
      message: expect.stringContaining(message),
    });
    expect(String(failure)).not.toContain('first');
    expect(seen).toEqual([]);
  });

  it('defer the event if the secret cannot be read', async () => {
    const { ask, fail } = await createRig();
    fail(new Error('Secrets Manager is away'));

    await expect(ask()).rejects.toMatchObject({ code: 'EXTERNAL_CREDENTIALS_UNREADABLE', disposition: 'defer' });
  });
});
