import { describe, expect, expectTypeOf, it } from 'vitest';
import * as z from 'zod';
import { defineApi, defineRoute, type ParamsOf, type RouteProps } from '../../../lib/definitions/index.ts';
import type { RouteRequest, RouteResult } from '../../../lib/http/index.ts';

const ANSWERS = { 200: { description: 'ok' } } as const;
const valid: RouteProps = { key: 'POST /orders', scopes: ['orders:write'], answers: ANSWERS };
const problemsOf = (props: object): readonly string[] => {
  try {
    defineRoute({ ...valid, ...props } as typeof valid);
    return [];
  } catch (error) {
    return (error as { problems: readonly string[] }).problems;
  }
};

describe('defineRoute', () => {
  it('reads method, path and parameters from the key', () => {
    expect(
      defineRoute({ key: 'GET /orders/{orderId}/lines/{line+}', scopes: 'public', answers: ANSWERS }),
    ).toMatchObject({
      method: 'GET',
      path: '/orders/{orderId}/lines/{line+}',
      parameters: ['orderId', 'line'],
      maxBodyBytes: 262_144,
    });
  });

  it.each([
    [
      { key: 'orders' },
      "key must be one of GET, HEAD, POST, PUT, PATCH, DELETE, a space and a path, such as 'GET /orders/{orderId}', got 'orders'",
    ],
    [{ key: 'FETCH /orders' }, 'key must be one of GET'],
    [{ key: 'GET /or ders' }, 'key must be one of GET'],
    [{ key: 'GET /orders/:id' }, 'key must have a path of letters'],
    [{ key: 'GET /{all+}/x' }, 'only at its end'],
    [{ key: 'GET /{a}/{a}' }, 'each parameter once'],
    [{ form: true }, 'form must be left out for a route without a body'],
    [{ form: 'yes', body: z.string() }, "form must be true, false or left out, got 'yes'"],
    [{ scopes: [] }, "scopes must be 1 to 10 scopes, or 'public' for a route without identity, got 0"],
    [{ scopes: Array.from({ length: 11 }, (_, n) => `s${n}`) }, 'scopes must be 1 to 10 scopes'],
    [{ scopes: ['a b'] }, 'scopes must be 1 to 64 visible characters'],
    [{ scopes: undefined }, 'scopes must be 1 to 10 scopes'],
    [{ answers: {} }, 'answers must have one status or more from 200 to 299, got none'],
    [{ answers: { 404: { description: '' } } }, 'answers must have one status or more from 200 to 299, got 404'],
    [{ answers: { 204: { description: '', schema: z.string() } } }, 'answers must have no schema for 204'],
    [
      { problems: { 'not-found': { status: 404, title: 'No' } } },
      "problems must have codes such as 'ORDER_NOT_FOUND', got 'not-found'",
    ],
    [{ problems: { X: { status: 200, title: 'No' } } }, 'problems.X must have a status from 400 to 499, or 503'],
    [{ key: 'GET /orders', idempotent: true }, 'idempotent must be left out for GET'],
    [{ key: 'GET /orders', body: z.string() }, 'body must be left out for GET'],
    [{ key: 'GET /orders', ifMatch: 'required' }, 'ifMatch must be left out for GET'],
    [{ ifMatch: true }, "ifMatch must be 'required' or left out, got true"],
    [{ params: z.object({}) }, "params must be left out, because 'POST /orders' has no parameter"],
    [{ body: {} }, 'body must speak Standard Schema'],
    [{ maxBodyBytes: 5_000_000 }, 'maxBodyBytes must be a whole number from 1 to 4194304, got 5000000'],
    [{ throttle: { rateLimit: 0, burstLimit: 1 } }, 'throttle must have a rateLimit above 0'],
    [{ clientLimit: { requests: 0, seconds: 1 } }, 'clientLimit must have requests from 1 to 1000000'],
    [{ idempotant: true }, "it has no member 'idempotant'"],
  ])('refuses %o', (props, problem) => {
    expect(problemsOf(props)).toContainEqual(expect.stringContaining(problem));
  });

  it('accepts the props that the refusals are made from', () => {
    expect(problemsOf({})).toStrictEqual([]);
  });

  it('gives parameters, body and answers their types', () => {
    const route = defineRoute({
      key: 'PUT /orders/{orderId}/lines/{line+}',
      scopes: ['orders:write'],
      body: z.object({ quantity: z.coerce.number() }),
      answers: { 200: { description: '', schema: z.object({ total: z.number() }) }, 204: { description: '' } },
      idempotent: true,
    });
    type R = typeof route;

    expectTypeOf<ParamsOf<R>>().toEqualTypeOf<{ readonly orderId: string; readonly line: string }>();
    expectTypeOf<RouteRequest<R>['body']>().toEqualTypeOf<{ quantity: number }>();
    expectTypeOf<RouteRequest<R>['idempotencyKey']>().toEqualTypeOf<string>();
    expectTypeOf<RouteResult<R>['status']>().toEqualTypeOf<200 | 204>();
    expectTypeOf<Extract<RouteResult<R>, { status: 200 }>['body']>().toEqualTypeOf<{ total: number }>();
    // @ts-expect-error a misspelt member
    expect(() => defineRoute({ ...valid, sumary: '' })).toThrow(expect.objectContaining({ code: 'CONTRACT_INVALID' }));
  });
});

describe('defineApi', () => {
  const route = defineRoute({ key: 'GET /orders/{orderId}', scopes: 'public', answers: ANSWERS });
  const same = defineRoute({ key: 'GET /orders/{id}', scopes: 'public', answers: ANSWERS });

  it.each([
    [{ name: 'Orders', version: '1', routes: [route] }, 'name must be 1 to 40 lower-case letters'],
    [{ name: 'orders', version: '', routes: [route] }, 'version must be a text'],
    [{ name: 'orders', version: '1', routes: [] }, 'routes must have at least one route, got none'],
    [
      { name: 'orders', version: '1', routes: [route, same] },
      "each method and path once, got again 'GET /orders/{id}'",
    ],
    [
      { name: 'orders', version: '1', routes: [route], principal: 'hidden' },
      "principal must be 'carried' or 'omitted', got 'hidden'",
    ],
    [
      { name: 'orders', version: '1', routes: [undefined] },
      'routes must be results of defineRoute, got undefined at position 1',
    ],
  ])('refuses %o', (props, problem) => {
    expect(() => defineApi(props as never)).toThrow(
      expect.objectContaining({ problems: expect.arrayContaining([expect.stringContaining(problem)]) }),
    );
  });
});
