import { describe, expect, it } from 'vitest';
import type { Route } from '../../../local/http-api/api.ts';
import { parseRouteKey } from '../../../local/http-api/route-key.ts';
import { selectRoute } from '../../../local/http-api/select-route.ts';

const routesOf = (...keys: readonly string[]): readonly Route[] =>
  keys.map((text) => {
    const key = parseRouteKey(text);
    if (key === undefined) throw new Error(`'${text}' is no route key`);
    return {
      key,
      integrationId: text,
      authorizerId: undefined,
      scopes: [],
    };
  });

const ROUTES = routesOf(
  '$default',
  'ANY /{proxy+}',
  'GET /pets/{proxy+}',
  'GET /pets/dog/{id}',
  'ANY /pets/dog/1',
  'GET /pets/dog/1',
  'GET /',
);

describe('selectRoute', () => {
  it.each([
    ['GET', '/pets/dog/1', 'GET /pets/dog/1', {}],
    ['PUT', '/pets/dog/1', 'ANY /pets/dog/1', {}],
    ['GET', '/pets/dog/2%2F3', 'GET /pets/dog/{id}', { id: '2/3' }],
    ['GET', '/pets/cat/1/name', 'GET /pets/{proxy+}', { proxy: 'cat/1/name' }],
    ['POST', '/pets/dog/2', 'ANY /{proxy+}', { proxy: 'pets/dog/2' }],
    ['GET', '/pets', 'ANY /{proxy+}', { proxy: 'pets' }],
    ['GET', '/', 'GET /', {}],
    ['POST', '/', '$default', {}],
    ['GET', '/pets/dog/100%', 'GET /pets/dog/{id}', { id: '100%' }],
  ])('answers %s %s by %s', (method, path, routeKey, pathParameters) => {
    const selected = selectRoute(ROUTES, method, path);

    expect(selected?.route.key.text).toBe(routeKey);
    expect(selected?.pathParameters).toEqual(pathParameters);
  });

  it.each([
    ['PUT', '/orders/1'],
    ['GET', '/orders'],
    ['GET', '/orders/'],
    ['GET', '/orders/1/lines'],
  ])('finds no route for %s %s', (method, path) => {
    expect(selectRoute(routesOf('GET /orders/{id}'), method, path)).toBeUndefined();
  });

  it.each(['GET', 'GET orders', 'FETCH /orders', 'GET /{proxy+}/more', '/orders'])(
    'refuses the route key %s',
    (text) => {
      expect(parseRouteKey(text)).toBeUndefined();
    },
  );
});
