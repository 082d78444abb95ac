import type { AwsError } from './aws-error.ts';

/**
 * Who signed a request. The run's own user is an administrator, held back by policies of resources alone; functions and
 * services act under their own names. `traceId` is the request's `X-Amzn-Trace-Id`: the invocation that calls, where a
 * function does.
 */
export type Caller =
  | { readonly kind: 'user'; readonly traceId?: string }
  /** `sessionName`: the function that assumed the role. */
  | { readonly kind: 'role'; readonly roleArn: string; readonly sessionName?: string; readonly traceId?: string }
  | { readonly kind: 'service'; readonly principal: string; readonly sourceArn?: string };

export const USER: Caller = { kind: 'user' };

export type JsonObject = { readonly [member: string]: unknown };

/** An AWS service that speaks one of the JSON protocols: `X-Amz-Target: <targetPrefix>.<Operation>`. */
export interface JsonService {
  readonly targetPrefix: string;
  readonly jsonVersion: '1.0' | '1.1';
  /** For clients that still speak the older query protocol with this service; it leads to the same `handle`. */
  readonly query?: QueryProtocol;
  /** @throws AwsError for everything that AWS would answer with an error. */
  handle(operation: string, input: JsonObject, caller: Caller): Promise<object>;
}

/** The AWS query protocol, translated: form parameters come in, XML goes out. */
export interface QueryProtocol {
  /** In the signature's credential scope: `sqs`. */
  readonly signingName: string;
  /** @throws AwsError `MissingAction`, `InvalidAction` */
  readRequest(parameters: URLSearchParams, path: string): { readonly operation: string; readonly input: JsonObject };
  writeOutput(operation: string, output: object, requestId: string): string;
  writeError(error: AwsError, requestId: string): string;
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
  /** How the service writes its errors down. @default JSON */
  describeError?(error: AwsError): RestResponse;
}

/** A request of a browser or a program that knows nothing of AWS, as it came over the wire. */
export interface SiteRequest {
  readonly method: string;
  /** Behind the site's prefix, still encoded; begins with a slash. */
  readonly rawPath: string;
  /** Without its question mark; empty when there is none. */
  readonly rawQuery: string;
  /** Names and values in the order in which they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly sourceIp: string;
}

export interface SiteResponse {
  readonly statusCode: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Uint8Array;
}

/** What is served to everybody, without a signature, below a path of the endpoint. */
export interface Site {
  /** `/_apis/`: begins and ends with a slash, and is no bucket's or account's name. */
  readonly pathPrefix: string;
  /**
   * True when what is served at `rawPath`, which is behind the prefix, takes requests of another site's pages. All others
   * are refused before they reach the site.
   */
  admitsPagesOf(origin: string, rawPath: string): boolean;
  handle(request: SiteRequest): Promise<SiteResponse>;
}
