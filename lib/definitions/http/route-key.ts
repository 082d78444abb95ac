/** The methods that a route can have. */
export type RouteMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const ROUTE_METHODS: readonly RouteMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Names of a path's parameters: `'orderId' | 'line'` of `GET /orders/{orderId}/lines/{line}`. */
export type ParameterOf<Key extends string> = Key extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${infer Greedy}+` ? Greedy : Name) | ParameterOf<Rest>
  : never;

export interface RouteKeyParts {
  readonly method: RouteMethod;
  readonly path: string;
  /** In their order. */
  readonly parameters: readonly string[];
}

const SEGMENT = /^(?:[A-Za-z0-9._~-]+|\{[A-Za-z0-9_]+\+?\})$/;

/** What is wrong with a route key, one sentence each; empty if `readRouteKey` can read it. */
export function routeKeyProblems(key: unknown): readonly string[] {
  if (typeof key !== 'string')
    return [`key must be a method and a path such as 'GET /orders/{orderId}', got ${typeof key}`];
  const [, method = '', path = ''] = /^(\S+) (\/\S*)$/.exec(key) ?? [];
  if (!ROUTE_METHODS.some((known) => known === method)) {
    return [
      `key must be one of ${ROUTE_METHODS.join(', ')}, a space and a path, such as 'GET /orders/{orderId}', got '${key}'`,
    ];
  }
  const segments = path.slice(1).split('/');
  const parameters = parametersOf(path);
  return [
    ...(path === '/' || segments.every((segment) => SEGMENT.test(segment))
      ? []
      : [`key must have a path of letters, digits, '-', '.', '_', '~' and parameters such as {orderId}, got '${key}'`]),
    ...(segments.slice(0, -1).some((segment) => segment.endsWith('+}'))
      ? [`key must have a greedy parameter such as {path+} only at its end, got '${key}'`]
      : []),
    ...(new Set(parameters).size === parameters.length ? [] : [`key must name each parameter once, got '${key}'`]),
  ];
}

/** Reads a key without problems. */
export function readRouteKey(key: string): RouteKeyParts {
  const [method = '', path = ''] = key.split(' ');
  return { method: method as RouteMethod, path, parameters: parametersOf(path) };
}

const parametersOf = (path: string): readonly string[] =>
  [...path.matchAll(/\{([^{}+]+)\+?\}/g)].map(([, name = '']) => name);
