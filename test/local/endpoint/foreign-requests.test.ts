import { CreateQueueCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AllEngines, openAllEngines } from '../../fixtures/all-engines.ts';
import { sendOverWire, type WireRequest } from '../../fixtures/send-over-wire.ts';

const CREDENTIAL = 'local/20260101/eu-central-1/sqs/aws4_request';
const FORM = 'application/x-www-form-urlencoded';

let engines: AllEngines;
let port: string;
beforeEach(async () => {
  engines = await openAllEngines();
  port = new URL(engines.url).port;
});
afterEach(() => engines[Symbol.asyncDispose]());

const listQueues = (headers: Record<string, string>): WireRequest => ({
  method: 'POST',
  headers: { 'x-amz-target': 'AmazonSQS.ListQueues', 'content-type': 'application/x-amz-json-1.0', ...headers },
  body: '{}',
});

async function queueUrls(): Promise<readonly string[]> {
  const client = new SQSClient({
    endpoint: engines.url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  try {
    const { QueueUrls = [] } = await client.send(new ListQueuesCommand());
    return QueueUrls;
  } finally {
    client.destroy();
  }
}

describe('the endpoint', () => {
  it.each([
    'evil.example',
    'evil.example:PORT',
    '127.0.0.1.evil.example:PORT',
    '192.168.0.10:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost.evil:PORT',
  ])('refuses a request for Host %o, with the reason and what to do', async (host) => {
    const answer = await sendOverWire(engines.url, listQueues({ host: host.replace('PORT', port) }));

    expect(answer).toEqual({
      status: 403,
      contentType: 'text/plain; charset=utf-8',
      body:
        `the Host header is '${host.replace('PORT', port)}', and this server of a local run answers to 127.0.0.1:${port}, localhost:${port}, [::1]:${port} and <bucket>.localhost:${port} only: a web page whose name resolves to this machine could read and change everything otherwise.\n` +
        `Call http://127.0.0.1:${port}; let a proxy or tunnel send that name as Host, and forward the same port.\n`,
    });
  });

  it.each(['127.0.0.1:PORT', 'localhost:PORT', 'LOCALHOST:PORT', '[::1]:PORT'])('answers to Host %s', async (host) => {
    const answer = await sendOverWire(engines.url, listQueues({ host: host.replace('PORT', port) }));

    expect(answer).toMatchObject({ status: 200, body: '{}' });
  });

  it('accepts the host name that SDKs build from a bucket and a named endpoint', async () => {
    const authorization = 'AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/s3/aws4_request';

    const answer = await sendOverWire(engines.url, {
      method: 'PUT',
      headers: { host: `claims.localhost:${port}`, authorization },
    });

    expect(answer.status).toBe(200);
  });

  it.each([
    'https://evil.example',
    'null',
    'http://127.0.0.1:1',
    'http://127.0.0.1',
    'https://127.0.0.1:PORT',
    'http://claims.localhost:PORT',
  ])('refuses a request from a page of %s regardless of its other headers', async (origin) => {
    const answer = await sendOverWire(engines.url, listQueues({ origin: origin.replace('PORT', port) }));

    expect(answer).toEqual({
      status: 403,
      contentType: 'text/plain; charset=utf-8',
      body:
        `the Origin header says that a page of '${origin.replace('PORT', port)}' sent this, and the services of a local run take nothing from web pages, since they verify no signature.\n` +
        'Use an SDK or the AWS CLI outside of a browser, or let the page call an HTTP API of the run.\n',
    });
  });

  it('refuses the preflight of a page', async () => {
    const answer = await sendOverWire(engines.url, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'PUT' },
    });

    expect(answer.status).toBe(403);
  });

  it.each<[string, WireRequest]>([
    [
      'a form of a page',
      { method: 'POST', headers: { 'content-type': FORM }, body: 'Action=CreateQueue&QueueName=evil' },
    ],
    [
      'plain text of a page',
      { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'Action=CreateQueue&QueueName=evil' },
    ],
    ['an image of a page', { path: '&Action=CreateQueue&QueueName=evil' }],
  ])(
    'refuses %s that carries credentials in the address, also where the browser names no origin',
    async (_, { path = '', ...rest }) => {
      const answer = await sendOverWire(engines.url, {
        ...rest,
        path: `/?X-Amz-Credential=${encodeURIComponent(CREDENTIAL)}${path}`,
      });

      expect(answer).toEqual({
        status: 403,
        contentType: 'text/plain; charset=utf-8',
        body:
          'the credentials stand in the address (X-Amz-Credential), where any web page can put them; only GET, HEAD, PUT and DELETE of S3 are taken so.\n' +
          'Send them in an Authorization header, as SDKs and the AWS CLI do.\n',
      });
      expect(await queueUrls()).toEqual([]);
    },
  );

  it('accepts presigned S3 URLs but refuses a form posted to one', async () => {
    const path = `/claims?X-Amz-Credential=${encodeURIComponent('local/20260101/eu-central-1/s3/aws4_request')}`;

    const put = await sendOverWire(engines.url, { method: 'PUT', path });
    const posted = await sendOverWire(engines.url, { method: 'POST', path: `${path}&delete`, body: '<Delete/>' });

    expect([put.status, posted.status]).toEqual([200, 403]);
  });

  it('serves SDKs at the addresses that it prints, queue addresses included', async () => {
    const client = new SQSClient({
      endpoint: `http://localhost:${port}`,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });

    const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'q' }));

    client.destroy();
    expect(QueueUrl).toBe(`${engines.url}/111122223333/q`);
  });
});
