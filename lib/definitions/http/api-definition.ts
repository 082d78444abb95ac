import { shown } from '../shown.ts';
import { ContractError } from '../waybill-error.ts';
import { type ClientLimit, clientLimitProblems, type Route } from './route.ts';

export interface ApiProps<Routes extends readonly Route[] = readonly Route[]> {
  /**
   * Its name in logs, metrics and keys of its records: 1 to 40 lower-case letters, digits and hyphens, starting with a
   * letter. A renamed API forgets the answers under idempotency keys.
   */
  readonly name: string;
  /** For people. @default - the name */
  readonly title?: string;
  /** Of the API's description: `1.0.0`. */
  readonly version: string;
  /** One or more, each key once. */
  readonly routes: Routes;
  /** Of each route that has none of its own. @default - none */
  readonly clientLimit?: ClientLimit;
  /**
   * Whether events of its handlers name who called: the access token's subject, which should be a pseudonymous id, since
   * events are kept for months. `omitted` where subjects are names or mail addresses.
   * @default 'carried'
   */
  readonly principal?: 'carried' | 'omitted';
}

/** Routes that one function serves. */
export interface ApiDefinition<Routes extends readonly Route[] = readonly Route[]> extends ApiProps<Routes> {
  readonly title: string;
  readonly principal: 'carried' | 'omitted';
}

/**
 * Declares an API: the routes that one function serves.
 *
 * @example
 * export const ordersApi = defineApi({ name: 'orders', version: '1.0.0', routes: [placeOrder, orderById] });
 *
 * @throws ContractError `CONTRACT_INVALID` listing all problems
 */
export function defineApi<const Routes extends readonly Route[]>(props: ApiProps<Routes>): ApiDefinition<Routes> {
  const { name, version, routes, clientLimit, principal = 'carried' } = props;
  const problems: string[] = [];
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) {
    problems.push(
      `name must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter, got ${shown(name)}`,
    );
  }
  if (typeof version !== 'string' || version === '')
    problems.push(`version must be a text such as '1.0.0', got ${shown(version)}`);
  if (routes.length === 0) problems.push('routes must have at least one route, got none');
  // a missing or circular import is undefined
  const missing = routes.findIndex((route: Route | undefined) => typeof route?.method !== 'string');
  if (missing !== -1) {
    problems.push(`routes must be results of defineRoute, got ${shown(routes[missing])} at position ${missing + 1}`);
    throw new ContractError(`API '${name}'`, problems);
  }
  const shapes = routes.map(({ method, path }) => `${method} ${path.replace(/\{[^{}]+\}/g, '{}')}`);
  const repeated = routes.filter((_, index) => shapes.indexOf(shapes[index] ?? '') !== index);
  if (repeated.length > 0) {
    problems.push(
      `routes must have each method and path once, got again '${repeated.map(({ key }) => key).join("', '")}'`,
    );
  }
  problems.push(...clientLimitProblems('clientLimit', clientLimit));
  if (principal !== 'carried' && principal !== 'omitted') {
    problems.push(`principal must be 'carried' or 'omitted', got ${shown(principal)}`);
  }
  if (problems.length > 0) throw new ContractError(`API '${name}'`, problems);
  return Object.freeze({ ...props, title: props.title ?? name, principal });
}

/** The route of an API by its key. */
export type RouteOf<Api extends ApiDefinition, Key extends string> = Extract<
  Api['routes'][number],
  { readonly key: Key }
>;

/** The limit that counts for a client of a route. */
export const clientLimitOf = (api: ApiDefinition, route: Route): ClientLimit | undefined =>
  route.clientLimit ?? api.clientLimit;
