import { AwsError } from '../endpoint/aws-error.ts';
import { parseInput } from '../endpoint/request-body.ts';
import type { RestRequest, RestResponse, RestService } from '../endpoint/service.ts';
import { aliasView, functionView, mappingView } from './api-views.ts';
import { aliasNotFound, invalidParameter } from './errors.ts';
import { parseFunctionReference } from './function-reference.ts';
import type { Functions, NamedFunction } from './functions.ts';
import { type InvokeResult, MAX_PAYLOAD_BYTES } from './invocation.ts';
import type { MappingRegistry } from './mappings/mapping-registry.ts';
import { LATEST } from './qualifiers.ts';
import { createRecursionRoutes } from './recursion-routes.ts';
import { json, type Route } from './route.ts';

export interface LambdaApiDeps {
  readonly region: string;
  readonly accountId: string;
  readonly functionArn: (functionName: string) => string;
  readonly functions: Functions;
  readonly mappings: MappingRegistry;
  readonly invoke: (reference: string, payload: string, cause?: string) => Promise<InvokeResult>;
  readonly invokeAsync: (reference: string, payload: string, cause?: string) => void;
}

/** Payload limit of an asynchronous invocation. */
const MAX_EVENT_BYTES = 1024 * 1024;

const ROOT = '/2015-03-31';
/** Newer operations have a date of their own in their paths. */
const RECURSION_ROOT = '/2024-08-31';

/** The operations of Lambda's API that a run answers. */
export function createLambdaApi(deps: LambdaApiDeps): RestService {
  const { mappings, functions } = deps;

  /** A qualifier stands in the reference or in the query. */
  const find = (reference: string, query: URLSearchParams): NamedFunction => {
    const parsed = parseFunctionReference(reference);
    const qualifier = query.get('Qualifier') ?? undefined;
    if (parsed === undefined || qualifier === undefined || qualifier === LATEST) return functions.find(reference);
    return functions.find({ ...parsed, qualifier });
  };

  const invoke = async (request: RestRequest, reference: string): Promise<RestResponse> => {
    const { arn } = find(reference, request.query);
    const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
    const payload = readPayload(request.body, type);
    const cause = request.headers['x-amzn-trace-id'];
    if (type === 'DryRun') return { statusCode: 204 };
    if (type === 'Event') {
      deps.invokeAsync(arn, payload, cause);
      return { statusCode: 202 };
    }
    if (type !== 'RequestResponse') {
      throw invalidParameter(`InvocationType is '${type}', allowed are RequestResponse, Event and DryRun`);
    }
    const result = await deps.invoke(arn, payload, cause);
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

  const view = ({ function: { pool }, arn, choose }: NamedFunction) =>
    functionView(pool.configuration, arn, choose().version);

  const routes: readonly Route[] = [
    { method: 'POST', path: /^\/functions\/([^/]+)\/invocations$/, answer: invoke },
    {
      method: 'GET',
      path: /^\/functions\/?()$/,
      answer: () =>
        json({ Functions: functions.list().map(({ pool }) => view(functions.find(pool.configuration.functionName))) }),
    },
    {
      method: 'GET',
      path: /^\/functions\/([^/]+)$/,
      answer: ({ query }, reference) => {
        const named = find(reference, query);
        const { reservedConcurrency } = named.function.pool.configuration;
        return json({
          Configuration: view(named),
          ...(reservedConcurrency === undefined
            ? {}
            : { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
        });
      },
    },
    {
      method: 'GET',
      path: /^\/functions\/([^/]+)\/configuration$/,
      answer: ({ query }, reference) => json(view(find(reference, query))),
    },
    {
      method: 'GET',
      path: /^\/functions\/([^/]+)\/versions$/,
      answer: (_request, reference) => {
        const { functionName, function: known } = functions.find(reference);
        const { configuration } = known.pool;
        const versions = known.qualifiers.versions().map((version) => {
          return functionView(configuration, `${deps.functionArn(functionName)}:${version}`, version);
        });
        return json({ Versions: versions });
      },
    },
    {
      method: 'GET',
      path: /^\/functions\/([^/]+)\/aliases$/,
      answer: (_request, reference) => {
        const { functionName, function: known } = functions.find(reference);
        return json({
          Aliases: known.qualifiers.aliases().map((alias) => aliasView(alias, deps.functionArn(functionName))),
        });
      },
    },
    {
      method: 'GET',
      path: /^\/functions\/([^/]+\/aliases\/[^/]+)$/,
      answer: (_request, path) => {
        const [reference = '', , aliasName] = path.split('/');
        const { functionName, function: known } = functions.find(reference);
        const alias = known.qualifiers.aliases().find(({ name }) => name === aliasName);
        if (alias === undefined) throw aliasNotFound(`${deps.functionArn(functionName)}:${aliasName}`);
        return json(aliasView(alias, deps.functionArn(functionName)));
      },
    },
    {
      method: 'GET',
      path: /^\/event-source-mappings\/?()$/,
      answer: ({ query }) => {
        const reference = query.get('FunctionName');
        const functionName = reference === null ? undefined : functions.find(reference).functionName;
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

  const recursionRoutes = createRecursionRoutes(functions);

  return {
    signingName: 'lambda',
    async handle(request) {
      const isNew = request.path.startsWith(RECURSION_ROOT);
      const root = isNew ? RECURSION_ROOT : ROOT;
      const path = request.path.startsWith(root) ? request.path.slice(root.length) : '';
      for (const route of isNew ? recursionRoutes : routes) {
        const [matched, parameter = ''] = route.path.exec(path) ?? [];
        if (route.method === request.method && matched !== undefined) return route.answer(request, parameter);
      }
      throw new AwsError(
        'UnknownOperationException',
        `the local Lambda does not answer ${request.method} ${request.path}; it has Invoke, GetFunction, GetFunctionConfiguration, ListFunctions, ListVersionsByFunction, GetAlias, ListAliases, ListEventSourceMappings, GetEventSourceMapping, UpdateEventSourceMapping, GetFunctionRecursionConfig and PutFunctionRecursionConfig`,
        { statusCode: 404 },
      );
    },
  };
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
  const { Enabled, FunctionName: _, ...others } = parseInput(body);
  if (Object.keys(others).length > 0) {
    throw invalidParameter(
      `the local run changes Enabled only, got ${Object.keys(others).join(', ')}: change the template and start anew`,
    );
  }
  if (Enabled !== undefined && typeof Enabled !== 'boolean')
    throw invalidParameter('Enabled is neither true nor false');
  return Enabled;
}
