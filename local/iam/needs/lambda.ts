import type { RestRequest } from '../../endpoint/service.ts';
import type { Need, Place } from './need.ts';

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly action: string;
}

const FUNCTION = '/functions/([^/]+)';

const FUNCTION_ROUTES: readonly Route[] = [
  { method: 'POST', path: new RegExp(`${FUNCTION}/invocations$`), action: 'lambda:InvokeFunction' },
  { method: 'GET', path: new RegExp(`${FUNCTION}$`), action: 'lambda:GetFunction' },
  { method: 'GET', path: new RegExp(`${FUNCTION}/configuration$`), action: 'lambda:GetFunctionConfiguration' },
  { method: 'GET', path: new RegExp(`${FUNCTION}/recursion-config$`), action: 'lambda:GetFunctionRecursionConfig' },
  { method: 'PUT', path: new RegExp(`${FUNCTION}/recursion-config$`), action: 'lambda:PutFunctionRecursionConfig' },
];

const MAPPING = /\/event-source-mappings\/([^/]+)$/;
const LISTS: readonly Route[] = [
  { method: 'GET', path: /\/functions\/?$/, action: 'lambda:ListFunctions' },
  { method: 'GET', path: /\/event-source-mappings\/?$/, action: 'lambda:ListEventSourceMappings' },
];
const MAPPING_ACTIONS: Readonly<Record<string, string>> = {
  GET: 'lambda:GetEventSourceMapping',
  PUT: 'lambda:UpdateEventSourceMapping',
  DELETE: 'lambda:DeleteEventSourceMapping',
};

/** What is no operation that the engine knows asks for all of Lambda, so that nothing goes through unasked. */
export function lambdaNeeds(request: RestRequest, place: Place): readonly Need[] {
  const { method, path } = request;
  for (const route of FUNCTION_ROUTES) {
    const [, reference] = (method === route.method && route.path.exec(path)) || [];
    if (reference === undefined) continue;
    const qualifier = request.query.get('Qualifier');
    return [{ action: route.action, resource: functionArn(reference, qualifier, place) }];
  }
  const listed = LISTS.find((route) => route.method === method && route.path.test(path));
  if (listed !== undefined) return [{ action: listed.action, resource: '*' }];
  const [, uuid] = MAPPING.exec(path) ?? [];
  const action = MAPPING_ACTIONS[method];
  if (uuid === undefined || action === undefined) return [{ action: 'lambda:*', resource: '*' }];
  return [{ action, resource: `arn:aws:lambda:${place.region}:${place.accountId}:event-source-mapping:${uuid}` }];
}

/** Invoking a function by its ARN is the whole request, whoever asks. */
export const invokeNeed = (resource: string): Need => ({ action: 'lambda:InvokeFunction', resource });

/** @param reference a name, `name:qualifier`, `account:function:name` or a whole ARN */
function functionArn(reference: string, qualifier: string | null, { region, accountId }: Place): string {
  const name = reference.replace(/^(?:arn:[^:]+:lambda:[^:]+:)?(?:\d{12}:)?(?:function:)?/, '');
  const isQualified = name.includes(':');
  const suffix = isQualified || qualifier === null || qualifier === '$LATEST' ? '' : `:${qualifier}`;
  return `arn:aws:lambda:${region}:${accountId}:function:${name}${suffix}`;
}
