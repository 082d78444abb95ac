/** Who signed a request. The run's own user is an administrator; functions and services act under their own names. */
export type Caller =
  | { readonly kind: 'user' }
  | { readonly kind: 'role'; readonly roleArn: string }
  | { readonly kind: 'service'; readonly principal: string; readonly sourceArn?: string };

export const USER: Caller = { kind: 'user' };

export type JsonObject = { readonly [member: string]: unknown };

/** An AWS service that speaks one of the JSON protocols: `X-Amz-Target: <targetPrefix>.<Operation>`. */
export interface JsonService {
  readonly targetPrefix: string;
  readonly jsonVersion: '1.0' | '1.1';
  /** @throws AwsError for everything that AWS would answer with an error. */
  handle(operation: string, input: JsonObject, caller: Caller): Promise<object>;
}

export interface RestRequest {
  readonly method: string;
  /** Decoded path, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

export interface RestResponse {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** An AWS service that speaks REST, found by the service name in the signature's credential scope (`lambda`, `s3`). */
export interface RestService {
  readonly signingName: string;
  /** @throws AwsError for everything that AWS would answer with an error. */
  handle(request: RestRequest, caller: Caller): Promise<RestResponse>;
}
