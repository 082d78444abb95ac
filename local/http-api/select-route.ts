import type { Route } from './api.ts';
import { compareKeys, matchPath, type PathParameters } from './route-key.ts';

export interface SelectedRoute {
  readonly route: Route;
  readonly pathParameters: PathParameters;
}

/**
 * The most specific route that takes the request: fixed parts of a path go before parameters, those before `{proxy+}`,
 * a method before `ANY`, and `$default` is last.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function selectRoute(routes: readonly Route[], method: string, path: string): SelectedRoute | undefined {
  const [first] = routes
    .flatMap((route): SelectedRoute[] => {
      const { key } = route;
      if (key.method !== undefined && key.method !== method) return [];
      const pathParameters = key.path === undefined ? {} : matchPath(key.path, path);
      return pathParameters === undefined ? [] : [{ route, pathParameters }];
    })
    .toSorted((a, b) => compareKeys(a.route.key, b.route.key));
  return first;
}
