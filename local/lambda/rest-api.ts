import { AwsError } from '../endpoint/aws-error.ts';
import type { RestRequest, RestResponse, RestService } from '../endpoint/service.ts';
import { functionView, mappingView } from './api-views.ts';
import type { FunctionConfiguration } from './configuration.ts';
import { functionNotFound, invalidParameter } from './errors.ts';
import { type InvokeResult, MAX_PAYLOAD_BYTES } from './invocation.ts';
import type { MappingRegistry } from './mappings/mapping-registry.ts';

export interface LambdaApiDeps {
  readonly region: string;
  readonly accountId: string;
  readonly functionArn: (functionName: string) => string;
  readonly configurations: () => readonly FunctionConfiguration[];
  readonly mappings: MappingRegistry;
  readonly invoke: (functionName: string, payload: string) => Promise<InvokeResult>;
  readonly invokeAsync: (functionName: string, payload: string) => void;
}

/** Payload limit of an asynchronous invocation. */
const MAX_EVENT_BYTES = 1024 * 1024;

const ROOT = '/2015-03-31';

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly answer: (request: RestRequest, parameter: string) => Promise<RestResponse> | RestResponse;
}

/** The operations of Lambda's API that a run answers. */
export function createLambdaApi(deps: LambdaApiDeps): RestService {
  const { mappings, functionArn } = deps;

  const find = (reference: string, qualifier: string | null): FunctionConfiguration => {
    const { functionName, version } = parseReference(reference);
    const known = deps.configurations().find((configuration) => configuration.functionName === functionName);
    const named = qualifier ?? version;
    if (named !== '$LATEST') throw functionNotFound(`${functionArn(functionName)}:${named}`);
    if (known === undefined) throw functionNotFound(functionArn(functionName));
    return known;
  };

  const invoke = async (request: RestRequest, reference: string): Promise<RestResponse> => {
    const { functionName } = find(reference, request.query.get('Qualifier'));
    const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
    const payload = readPayload(request.body, type);
    if (type === 'DryRun') return { statusCode: 204 };
    if (type === 'Event') {
      deps.invokeAsync(functionName, payload);
      return { statusCode: 202 };
    }
    if (type !== 'RequestResponse') {
      throw invalidParameter(`InvocationType is '${type}', allowed are RequestResponse, Event and DryRun`);
    }
    const result = await deps.invoke(functionName, payload);
    return {
      statusCode: result.statusCode,
      headers: {
        'content-type': 'application/json',
        'x-amz-executed-version': result.executedVersion,
        ...(result.functionError === undefined ? {} : { 'x-amz-function-error': result.functionError }),
        ...(request.headers['x-amz-log-type'] === 'Tail'
          ? { 'x-amz-log-result': Buffer.from(result.logTail).toString('base64') }
          : {}),
      },
      body: result.payload,
    };
  };

  const view = (configuration: FunctionConfiguration) =>
    functionView(configuration, functionArn(configuration.functionName));

  const routes: readonly Route[] = [
    { method: 'POST', path: /^\/functions\/([^/]+)\/invocations$/, answer: invoke },
    {
      method: 'GET',
      path: /^\/functions\/?()$/,
      answer: () => json({ Functions: deps.configurations().map(view) }),
    },
    {
      method: 'GET',
      path: /^\/functions\/([^/]+)$/,
      answer: ({ query }, reference) => {
        const configuration = find(reference, query.get('Qualifier'));
        const { reservedConcurrency } = configuration;
        return json({
          Configuration: view(configuration),
          ...(reservedConcurrency === undefined
            ? {}
            : { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
        });
      },
    },
    {
      method: 'GET',
      path: /^\/functions\/([^/]+)\/configuration$/,
      answer: ({ query }, reference) => json(view(find(reference, query.get('Qualifier')))),
    },
    {
      method: 'GET',
      path: /^\/event-source-mappings\/?()$/,
      answer: ({ query }) => {
        const reference = query.get('FunctionName');
        const functionName = reference === null ? undefined : parseReference(reference).functionName;
        const sourceArn = query.get('EventSourceArn');
        const found = mappings
          .list()
          .filter(({ configuration }) => functionName === undefined || configuration.functionName === functionName)
          .filter(({ configuration }) => sourceArn === null || configuration.eventSourceArn === sourceArn);
        return json({ EventSourceMappings: found.map((mapping) => mappingView(mapping, deps)) });
      },
    },
    {
      method: 'GET',
      path: /^\/event-source-mappings\/([^/]+)$/,
      answer: (_request, uuid) => json(mappingView(mappings.get(uuid), deps)),
    },
    {
      method: 'PUT',
      path: /^\/event-source-mappings\/([^/]+)$/,
      answer: ({ body }, uuid) => {
        const mapping = mappings.get(uuid);
        mapping.setEnabled(readEnabled(body) ?? mapping.isEnabled());
        return json(mappingView(mapping, deps), 202);
      },
    },
  ];

  return {
    signingName: 'lambda',
    async handle(request) {
      const path = request.path.startsWith(ROOT) ? request.path.slice(ROOT.length) : '';
      for (const route of routes) {
        const [matched, parameter = ''] = route.path.exec(path) ?? [];
        if (route.method === request.method && matched !== undefined) return route.answer(request, parameter);
      }
      throw new AwsError(
        'UnknownOperationException',
        `the local Lambda does not answer ${request.method} ${request.path}; it has Invoke, GetFunction, GetFunctionConfiguration, ListFunctions, ListEventSourceMappings, GetEventSourceMapping and UpdateEventSourceMapping`,
        { statusCode: 404 },
      );
    },
  };
}

/** A name, `name:qualifier`, `account:function:name` or a whole ARN. */
function parseReference(reference: string): { functionName: string; version: string } {
  const [, functionName, version = '$LATEST'] =
    /^(?:(?:arn:[^:]+:lambda:[^:]+:)?\d{12}:function:)?([A-Za-z0-9_-]+)(?::([^:]+))?$/.exec(reference) ?? [];
  if (functionName === undefined) throw invalidParameter(`FunctionName '${reference}' is no function's name or ARN`);
  return { functionName, version };
}

function readPayload(body: Buffer, type: string): string {
  const maxBytes = type === 'Event' ? MAX_EVENT_BYTES : MAX_PAYLOAD_BYTES;
  if (body.length > maxBytes) {
    throw new AwsError(
      'RequestTooLargeException',
      `${body.length} byte payload is too large for the ${type} invocation type (limit ${maxBytes} bytes)`,
      { statusCode: 413, fields: { Type: 'User' } },
    );
  }
  if (body.length === 0) return '{}';
  const payload = body.toString('utf8');
  try {
    JSON.parse(payload);
    return payload;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AwsError('InvalidRequestContentException', `Could not parse request body into json: ${reason}`, {
      cause,
      fields: { Type: 'User' },
    });
  }
}

/** Enabling and disabling is all that a run changes: everything else comes from the template. */
function readEnabled(body: Buffer): boolean | undefined {
  const { Enabled, FunctionName: _, ...others } = JSON.parse(body.toString('utf8') || '{}') as Record<string, unknown>;
  if (Object.keys(others).length > 0) {
    throw invalidParameter(
      `the local run changes Enabled only, got ${Object.keys(others).join(', ')}: change the template and start anew`,
    );
  }
  if (Enabled !== undefined && typeof Enabled !== 'boolean')
    throw invalidParameter('Enabled is neither true nor false');
  return Enabled;
}

const json = (output: object, statusCode = 200): RestResponse => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(output),
});
