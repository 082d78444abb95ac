import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** A request to a webhook, as its sender made it. */
export interface WebhookRequest {
  readonly method: string;
  /** Values by name in lower case. Values of a repeated header are joined by commas, as API Gateway does. */
  readonly headers: ReadonlyMap<string, string>;
  /** The query without its question mark; empty if there is none. */
  readonly rawQuery: string;
  /** The bytes that were sent. */
  readonly body: Buffer;
  /** The value of `{tenant}` in the path, not validated; undefined if the path has none. */
  readonly tenant: string | undefined;
}

/**
 * Reads an event of payload format 2.0. The body is decoded to the sender's bytes: API Gateway sends it as base64 unless
 * its content type is a text type.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function readRequest(event: APIGatewayProxyEventV2): WebhookRequest {
  const headers = new Map<string, string>();
  for (const [rawName, value] of Object.entries(event.headers)) {
    if (value === undefined) continue;
    const name = rawName.toLowerCase();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return {
    method: event.requestContext.http.method,
    headers,
    rawQuery: event.rawQueryString,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    tenant: event.pathParameters?.['tenant'],
  };
}
