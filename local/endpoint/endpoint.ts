import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunLog } from '../log.ts';
import { createLoopbackGuard, refuse as refuseForeign } from '../loopback-guard.ts';
import { AwsError } from './aws-error.ts';
import { ConnectionLostError } from './connection-lost-error.ts';
import { readCredential } from './credential.ts';
import { problemOfForeign } from './foreign-request.ts';
import { writeQueryError } from './query-protocol/query-protocol.ts';
import { bodyTooLarge, MOST_BODY_BYTES, MOST_OBJECT_BYTES, parseInput, readBody } from './request-body.ts';
import { sendJson, sendJsonError, sendRest, sendXml } from './responses.ts';
import { type Caller, type JsonService, type QueryProtocol, type RestService, type Site, USER } from './service.ts';
import { sendSite, toSiteRequest } from './sites.ts';

export interface EndpointOptions {
  readonly log: RunLog;
  /** 0 takes a free port. @default 0 */
  readonly port?: number;
  /** Who an access key id stands for. @default everybody is the run's own user */
  readonly callerOf?: (accessKeyId: string) => Caller;
}

export interface Endpoint {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  add(...services: readonly (JsonService | RestService)[]): void;
  /** Serves what needs no signature. */
  mount(site: Site): void;
  /** Refuses new requests, ends open ones and frees the port. */
  close(): Promise<void>;
}

/** Loopback only: the engines do not check signatures. */
const HOST = '127.0.0.1';

/** One HTTP endpoint for all services, so that a single `AWS_ENDPOINT_URL` serves every SDK and the CLI. */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { log, port = 0, callerOf = () => USER } = options;
  const jsonServices = new Map<string, JsonService>();
  const queryServices = new Map<string, { readonly service: JsonService; readonly query: QueryProtocol }>();
  const restServices = new Map<string, RestService>();
  const sites: Site[] = [];
  let bound = 0;
  const guard = createLoopbackGuard(() => bound);

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const [rawPath = '/', rawQuery = ''] = splitOnce(request.url ?? '/', '?');
    const site = sites.find(({ pathPrefix }) => rawPath.startsWith(pathPrefix));
    const problem = problemOfForeign(request, guard, site);
    if (problem !== undefined) {
      log('warn', 'endpoint', `refused ${request.method} ${rawPath}: ${problem.split('\n', 1)[0]}`);
      refuseForeign(response, problem);
      return;
    }
    const { accessKeyId, signingName } = readCredential(request);
    const mostBytes = signingName === 's3' ? MOST_OBJECT_BYTES : MOST_BODY_BYTES;
    const body = await readBody(request, mostBytes);
    if (site !== undefined) {
      // a site has a limit of its own, which is lower
      sendSite(response, await site.handle(toSiteRequest(request, site, body)));
      return;
    }
    if (body.length > mostBytes) throw bodyTooLarge(mostBytes);
    const caller = withTrace(callerOf(accessKeyId), request.headers['x-amzn-trace-id']);
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string') {
      const [prefix = '', operation = ''] = target.split('.');
      const service = jsonServices.get(prefix);
      if (service === undefined) throw unknownService(`X-Amz-Target '${target}'`, jsonServices.keys());
      const output = await service.handle(operation, parseInput(body), caller);
      sendJson(response, 200, service.jsonVersion, output);
      return;
    }
    // not read as a URL, which would resolve the dots in the key of an S3 object
    const path = decodePath(rawPath);
    const searchParams = new URLSearchParams(rawQuery);
    const queried = queryServices.get(signingName);
    if (queried !== undefined) {
      const parameters = new URLSearchParams([...searchParams, ...new URLSearchParams(body.toString('utf8'))]);
      const { operation, input } = queried.query.readRequest(parameters, path);
      const output = await queried.service.handle(operation, input, caller);
      sendXml(response, 200, (requestId) => queried.query.writeOutput(operation, output, requestId));
      return;
    }
    const service = restServices.get(signingName);
    if (service === undefined)
      throw unknownService(`signing name '${signingName}'`, [...queryServices.keys(), ...restServices.keys()]);
    const result = await service.handle(
      {
        method: request.method ?? 'GET',
        path,
        query: searchParams,
        headers: request.headers as Record<string, string | undefined>,
        body,
      },
      caller,
    );
    sendRest(response, result);
  };

  /** Undefined for a client that reads errors as JSON. */
  const xmlErrorWriterFor = (request: IncomingMessage): QueryProtocol['writeError'] | undefined => {
    const { headers } = request;
    if (headers['x-amz-target'] !== undefined) return undefined;
    const { signingName } = readCredential(request);
    // so that the client of a service that this run lacks can read why
    const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
    return queryServices.get(signingName)?.query.writeError ?? (isForm ? writeQueryError : undefined);
  };

  const refuse = (request: IncomingMessage, response: ServerResponse, error: AwsError): void => {
    if (response.headersSent) {
      response.end();
      return;
    }
    const { signingName } = readCredential(request);
    const described = restServices.get(signingName)?.describeError?.(error);
    if (described !== undefined) {
      sendRest(response, described);
      return;
    }
    const writeXmlError = xmlErrorWriterFor(request);
    if (writeXmlError === undefined) {
      const [prefix = ''] = String(request.headers['x-amz-target']).split('.');
      sendJsonError(response, jsonServices.get(prefix)?.jsonVersion ?? '1.0', error);
    } else {
      sendXml(response, error.statusCode, (requestId) => writeXmlError(error, requestId));
    }
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (error instanceof AwsError) return refuse(request, response, error);
      if (error instanceof ConnectionLostError) return void request.socket.destroy();
      log('error', 'endpoint', 'an engine failed', { error });
      const failure = new AwsError('InternalFailure', `the local engine failed: ${String(error)}`, { statusCode: 500 });
      refuse(request, response, failure);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  bound = (server.address() as AddressInfo).port;

  return {
    url: `http://${HOST}:${bound}`,
    port: bound,
    add(...services) {
      for (const service of services) {
        if (!('targetPrefix' in service)) {
          restServices.set(service.signingName, service);
          continue;
        }
        const { targetPrefix, query } = service;
        jsonServices.set(targetPrefix, service);
        if (query !== undefined) queryServices.set(query.signingName, { service, query });
      }
    },
    mount: (site) => void sites.push(site),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

/** SDKs inside a function send along the trace of its invocation, and so may anybody. */
const withTrace = (caller: Caller, traceId: string | string[] | undefined): Caller =>
  caller.kind !== 'service' && typeof traceId === 'string' ? { ...caller, traceId } : caller;

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** @throws AwsError `InvalidURI` for percent signs that encode nothing. */
function decodePath(rawPath: string): string {
  try {
    return decodeURIComponent(rawPath);
  } catch (cause) {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.", { cause });
  }
}

const unknownService = (what: string, known: Iterable<string>) =>
  new AwsError('UnknownOperationException', `${what} names no service of this run; it has ${[...known].join(', ')}`);
