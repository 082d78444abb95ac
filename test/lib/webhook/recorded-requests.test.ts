import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { readRequest } from '../../../lib/webhook/request.ts';

/** The example of AWS's documentation for payload format 2.0. */
const RECORDED: APIGatewayProxyEventV2 = {
  version: '2.0',
  routeKey: '$default',
  rawPath: '/my/path',
  rawQueryString: 'parameter1=value1&parameter1=value2&parameter2=value',
  cookies: ['cookie1', 'cookie2'],
  headers: { header1: 'value1', header2: 'value1,value2' },
  queryStringParameters: { parameter1: 'value1,value2', parameter2: 'value' },
  requestContext: {
    accountId: '123456789012',
    apiId: 'api-id',
    domainName: 'id.execute-api.us-east-1.amazonaws.com',
    domainPrefix: 'id',
    http: { method: 'POST', path: '/my/path', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'agent' },
    requestId: 'id',
    routeKey: '$default',
    stage: '$default',
    time: '12/Mar/2020:19:03:58 +0000',
    timeEpoch: 1583348638390,
  },
  body: 'Hello from Lambda',
  pathParameters: { parameter1: 'value1' },
  isBase64Encoded: false,
  stageVariables: { stageVariable1: 'value1', stageVariable2: 'value2' },
};

describe('a request of payload format 2.0', () => {
  it('has the bytes of a text body, and no tenant without such a parameter', () => {
    const { body, headers, ...request } = readRequest(RECORDED);

    expect(request).toStrictEqual({
      method: 'POST',
      rawQuery: 'parameter1=value1&parameter1=value2&parameter2=value',
      tenant: undefined,
    });
    expect([body.toString(), [...headers]]).toStrictEqual([
      'Hello from Lambda',
      [
        ['header1', 'value1'],
        ['header2', 'value1,value2'],
      ],
    ]);
  });

  it('has the bytes of a base64 body, even if they are no UTF-8', () => {
    expect(readRequest({ ...RECORDED, body: '/wD+', isBase64Encoded: true }).body).toStrictEqual(
      Buffer.from([0xff, 0x00, 0xfe]),
    );
  });

  it('has no bytes where API Gateway leaves the body out', () => {
    const { body: _, ...bodiless } = RECORDED;

    expect(readRequest(bodiless).body).toStrictEqual(Buffer.alloc(0));
  });

  it('has headers of any case, and both values of one in two cases', () => {
    const { headers } = readRequest({
      ...RECORDED,
      headers: {
        'X-Signature': 'a',
        'x-signature': 'b',
        'X-Hub-Signature-256': 'c',
        ['__proto__']: 'd',
        absent: undefined,
      },
    });

    expect([...headers]).toStrictEqual([
      ['x-signature', 'a,b'],
      ['x-hub-signature-256', 'c'],
      ['__proto__', 'd'],
    ]);
  });

  it('has the tenant of the path', () => {
    expect(readRequest({ ...RECORDED, pathParameters: { tenant: 'acme' } }).tenant).toBe('acme');
  });
});
