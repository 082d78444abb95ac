import { afterEach, describe, expect, it } from 'vitest';
import { type AwsClients, createAwsClients } from '../../../local/cli/aws-clients.ts';
import { AwsError } from '../../../local/endpoint/aws-error.ts';
import { type Endpoint, openEndpoint } from '../../../local/endpoint/endpoint.ts';
import type { RestRequest, RestResponse } from '../../../local/endpoint/service.ts';
import { createPlaceOrderClient } from '../../../local/orders/place-order-client.ts';

const ORDER = { orderId: '1', customerId: 'c', lines: [], total: { currency: 'GBP', minorUnits: 1 } };

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
  return createPlaceOrderClient(opened.lambda, 'place-order');
};

const signal = new AbortController().signal;

describe('createPlaceOrderClient', () => {
  it('invokes the function with the order and gives what it answered', async () => {
    const requests: string[] = [];
    const place = await clientOf(({ path, body }) => {
      requests.push(`${path} ${body}`);
      return { statusCode: 200, body: '{"orderId":"1","outcome":"already-placed"}' };
    });

    expect(await place(ORDER, signal)).toEqual({ orderId: '1', outcome: 'already-placed' });
    expect(requests).toEqual([
      '/2015-03-31/functions/place-order/invocations {"orderId":"1","customerId":"c","lines":[],"total":{"currency":"GBP","minorUnits":1}}',
    ]);
  });

  it('tells the error of a function that failed', async () => {
    const place = await clientOf(() => ({
      statusCode: 200,
      headers: { 'x-amz-function-error': 'Unhandled' },
      body: '{"errorType":"PLACE_ORDER_INVALID","errorMessage":"the order cannot be placed"}',
    }));

    expect(await place(ORDER, signal)).toEqual({
      orderId: '1',
      outcome: 'failed',
      reason: 'PLACE_ORDER_INVALID: the order cannot be placed',
    });
  });

  it('tells the error of the Lambda API', async () => {
    const place = await clientOf(() => {
      throw new AwsError('ResourceNotFoundException', 'Function not found', { statusCode: 404 });
    });

    expect(await place(ORDER, signal)).toEqual({
      orderId: '1',
      outcome: 'failed',
      reason: 'ResourceNotFoundException: Function not found',
    });
  });

  it("rejects with the signal's reason when interrupted", async () => {
    const place = await clientOf(() => ({ statusCode: 200, body: '{}' }));
    const reason = new Error('enough');

    await expect(place(ORDER, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
