import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import type { AwsError } from './aws-error.ts';
import type { RestResponse } from './service.ts';

type JsonVersion = '1.0' | '1.1';

export function sendJson(
  response: ServerResponse,
  statusCode: number,
  jsonVersion: JsonVersion,
  output: object,
  more = {},
): void {
  const body = Buffer.from(JSON.stringify(output));
  response.writeHead(statusCode, {
    'content-type': `application/x-amz-json-${jsonVersion}`,
    'content-length': body.length,
    'x-amzn-requestid': randomUUID(),
    'x-amz-crc32': String(crc32(body)),
    ...more,
  });
  response.end(body);
}

export function sendJsonError(response: ServerResponse, jsonVersion: JsonVersion, error: AwsError): void {
  const output = {
    __type: `com.amazonaws#${error.code}`,
    message: error.message,
    Message: error.message,
    ...error.fields,
  };
  sendJson(response, error.statusCode, jsonVersion, output, {
    'x-amzn-errortype': error.code,
    ...(error.queryCode === undefined ? {} : { 'x-amzn-query-error': `${error.queryCode};Sender` }),
  });
}

/** @param write gives the document; the request's id stands in it and in the header. */
export function sendXml(response: ServerResponse, statusCode: number, write: (requestId: string) => string): void {
  const requestId = randomUUID();
  const body = Buffer.from(write(requestId));
  response.writeHead(statusCode, {
    'content-type': 'text/xml',
    'content-length': body.length,
    'x-amzn-requestid': requestId,
  });
  response.end(body);
}

export function sendRest(response: ServerResponse, { statusCode, headers, body }: RestResponse): void {
  response.writeHead(statusCode, { 'x-amzn-requestid': randomUUID(), ...headers }).end(body);
}
