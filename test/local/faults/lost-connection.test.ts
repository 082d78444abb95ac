import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ConnectionLostError } from '../../../local/endpoint/connection-lost-error.ts';
import { type Endpoint, openEndpoint } from '../../../local/endpoint/endpoint.ts';
import type { Caller } from '../../../local/endpoint/service.ts';

const TRACE = 'Root=1-65f00000-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=0';

let endpoint: Endpoint;
let client: DynamoDBClient;
const callers: Caller[] = [];

beforeAll(async () => {
  endpoint = await openEndpoint({
    log: () => {},
    callerOf: (accessKeyId) => ({ kind: 'role', roleArn: accessKeyId }),
  });
  endpoint.add({
    targetPrefix: 'DynamoDB_20120810',
    jsonVersion: '1.0',
    async handle(_operation, _input, caller) {
      callers.push(caller);
      if (callers.length === 1) throw new ConnectionLostError();
      return { Item: { id: { S: 'found' } } };
    },
  });
  client = new DynamoDBClient({
    endpoint: endpoint.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'billing-role', secretAccessKey: 'secret' },
  });
  client.middlewareStack.add(
    (next) => (args) => {
      if (typeof args.request === 'object' && args.request !== null && 'headers' in args.request) {
        Object.assign(args.request.headers ?? {}, { 'X-Amzn-Trace-Id': TRACE });
      }
      return next(args);
    },
    { step: 'build' },
  );
});

afterAll(async () => {
  client.destroy();
  await endpoint.close();
});

it('when an answer is lost the connection closes, the SDK retries, and the trace names the caller', async () => {
  const command = new GetItemCommand({ TableName: 'bills', Key: { id: { S: '1' } } });

  const { Item, $metadata } = await client.send(command);

  expect(Item).toStrictEqual({ id: { S: 'found' } });
  expect($metadata.attempts).toBe(2);
  expect(callers).toStrictEqual([
    { kind: 'role', roleArn: 'billing-role', traceId: TRACE },
    { kind: 'role', roleArn: 'billing-role', traceId: TRACE },
  ]);
});
