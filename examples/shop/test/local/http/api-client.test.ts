import { describe, expect, it } from 'vitest';
import { createApiClient } from '../../../local/http/api-client.ts';
import { NoAnswerError } from '../../../local/http/send-request.ts';
import { createFakeApi, createFakeTokens, DESCRIPTION, type FakeAnswer } from './fake-api.ts';

const PLACED = { status: 202, body: { orderId: 'o-1' } };
const { signal } = new AbortController();

function createClient(answers: readonly FakeAnswer[]) {
  const { send, requests } = createFakeApi(answers);
  const waits: number[] = [];
  const wait = async (delayMs: number) => void waits.push(delayMs);
  const client = createApiClient({ description: DESCRIPTION, tokens: createFakeTokens(), send, wait });
  return { client, requests, waits };
}

describe('a client of the API', () => {
  it('calls an operation as the description says, with a token and a key of its own', async () => {
    const { client, requests } = createClient([PLACED]);

    await client.call({ operationId: 'postOrders', body: { lines: [] } }, signal);
    await client.call({ operationId: 'getOrdersByOrderId', params: { orderId: 'a/b' } }, signal);
    await client.call({ operationId: 'getOrders', query: { limit: '5' } }, signal);

    expect(requests).toMatchObject([
      {
        method: 'POST',
        path: '/orders',
        headers: {
          authorization: 'Bearer t-1',
          'content-type': 'application/json',
          'idempotency-key': expect.stringMatching(/^[0-9a-f-]{36}$/),
        },
        body: '{"lines":[]}',
      },
      { method: 'GET', path: '/orders/a%2Fb', headers: { authorization: 'Bearer t-1' }, body: undefined },
      { method: 'GET', path: '/orders?limit=5' },
    ]);
    expect(Object.keys(requests[1]?.headers ?? {})).not.toContain('idempotency-key');
  });

  it.each<[string, FakeAnswer, readonly number[]]>([
    ['an answer that is lost', 'lost', [50]],
    ['a request that is throttled', { status: 429, body: { message: 'Too Many Requests' } }, [50]],
    ['a server that asks to come again', { status: 503, headers: { 'retry-after': '2' } }, [2000]],
    ['an error inside', { status: 500 }, [50]],
    [
      'a command that is being worked on',
      { status: 409, body: { code: 'IDEMPOTENCY_KEY_IN_FLIGHT' }, headers: { 'retry-after': '1' } },
      [1000],
    ],
  ])('repeats a command with its key after %s', async (_, first, expectedWaits) => {
    const { client, requests, waits } = createClient([first, PLACED]);

    const answer = await client.call({ operationId: 'postOrders', body: {}, idempotencyKey: 'k-1' }, signal);

    expect(answer).toMatchObject(PLACED);
    expect(requests.map(({ headers }) => headers['idempotency-key'])).toStrictEqual(['k-1', 'k-1']);
    expect(waits).toStrictEqual(expectedWaits);
  });

  it('gets another token at once if its own is refused', async () => {
    const { client, requests, waits } = createClient([{ status: 401 }, PLACED]);

    await client.call({ operationId: 'postOrders', body: {} }, signal);

    expect(requests.map(({ headers }) => headers['authorization'])).toStrictEqual(['Bearer t-1', 'Bearer t-2']);
    expect(waits).toStrictEqual([]);
  });

  it.each([400, 403, 404, 409, 412, 422])('takes %i for the last word', async (status) => {
    const { client, requests } = createClient([{ status, body: { code: 'PLACE_ORDER_ID_TAKEN' } }, PLACED]);

    expect(await client.call({ operationId: 'postOrders', body: {} }, signal)).toMatchObject({ status });
    expect(requests).toHaveLength(1);
  });

  it('gives up at last, with the answer that it got, or with none', async () => {
    const busy = createClient([{ status: 503 }]);
    const silent = createClient(['lost']);

    expect(await busy.client.call({ operationId: 'getProducts' }, signal)).toMatchObject({ status: 503 });
    await expect(silent.client.call({ operationId: 'getProducts' }, signal)).rejects.toThrow(NoAnswerError);
    expect([busy.requests.length, silent.requests.length]).toStrictEqual([40, 40]);
  });

  it('refuses an operation that the API does not have, and names those that it has', async () => {
    const { client } = createClient([PLACED]);

    await expect(client.call({ operationId: 'deleteOrders' }, signal)).rejects.toThrow(
      /the API has no operation 'deleteOrders', it has .*postOrders/,
    );
  });
});
