import { afterEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../../../../local/endpoint/aws-error.ts';
import { type Endpoint, openEndpoint } from '../../../../../local/endpoint/endpoint.ts';
import type { RestRequest, RestResponse } from '../../../../../local/endpoint/service.ts';
import { type AwsClients, createAwsClients } from '../../../../../local/start/aws-clients.ts';
import { createFunctionCalls } from '../../../local/orders/function-calls.ts';

const ORDER = { orderId: '1' };

let opened: (AwsClients & { readonly endpoint: Endpoint }) | undefined;

afterEach(async () => {
  opened?.[Symbol.dispose]();
  await opened?.endpoint.close();
});

/** A client of a Lambda API that answers every request so. */
const clientOf = async (answer: (request: RestRequest) => RestResponse) => {
  const endpoint = await openEndpoint({ log: () => {} });
  endpoint.add({ signingName: 'lambda', handle: async (request: RestRequest) => answer(request) });
  opened = { endpoint, ...createAwsClients(endpoint.url, 'eu-west-1') };
  return createFunctionCalls(opened.lambda);
};

const signal = new AbortController().signal;

describe('createFunctionCalls', () => {
  it('invokes the function with the payload and returns its answer', async () => {
    const requests: string[] = [];
    const call = await clientOf(({ path, body }) => {
      requests.push(`${path} ${body}`);
      return { statusCode: 200, body: '{"orderId":"1","outcome":"already-placed"}' };
    });

    expect(await call('place-order', ORDER, signal)).toEqual({
      kind: 'answered',
      answer: { orderId: '1', outcome: 'already-placed' },
    });
    expect(requests).toEqual(['/2015-03-31/functions/place-order/invocations {"orderId":"1"}']);
  });

  it('reports the error of a failed function', async () => {
    const call = await clientOf(() => ({
      statusCode: 200,
      headers: { 'x-amz-function-error': 'Unhandled' },
      body: '{"errorType":"PLACE_ORDER_INVALID","errorMessage":"the order cannot be placed"}',
    }));

    expect(await call('place-order', ORDER, signal)).toEqual({
      kind: 'failed',
      reason: 'PLACE_ORDER_INVALID: the order cannot be placed',
    });
  });

  it.each([
    { failures: 4, result: { kind: 'answered', answer: { outcome: 'placed' } } },
    { failures: 5, result: { kind: 'failed', reason: 'TimeoutError: lost' } },
  ])('retries a failed call, with five calls in total ($failures failures)', async ({ failures, result }) => {
    let calls = 0;
    const call = await clientOf((): RestResponse => {
      if (++calls > failures) return { statusCode: 200, body: '{"outcome":"placed"}' };
      const headers = { 'x-amz-function-error': 'Unhandled' };
      return { statusCode: 200, headers, body: '{"errorType":"TimeoutError","errorMessage":"lost"}' };
    });

    expect(await call('place-order', ORDER, signal)).toEqual(result);
    expect(calls).toBe(5);
  });

  it('reports the error of the Lambda API', async () => {
    const call = await clientOf(() => {
      throw new AwsError('ResourceNotFoundException', 'Function not found', { statusCode: 404 });
    });

    expect(await call('place-order', ORDER, signal)).toEqual({
      kind: 'failed',
      reason: 'ResourceNotFoundException: Function not found',
    });
  });

  it("rejects with the signal's reason when interrupted", async () => {
    const call = await clientOf(() => ({ statusCode: 200, body: '{}' }));
    const reason = new Error('enough');

    await expect(call('place-order', ORDER, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
