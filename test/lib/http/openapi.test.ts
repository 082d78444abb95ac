import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import SwaggerParser from '@apidevtools/swagger-parser';
import { lintFromString, loadConfig } from '@redocly/openapi-core';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import * as mini from 'zod/mini';
import { type AnySchema, defineApi, defineRoute } from '../../../lib/definitions/index.ts';
import { openApiOf, openApiText } from '../../../lib/http/openapi.ts';
import { operationRoute } from '../../../lib/http/operations.ts';
import { ordersApi } from './orders-app.ts';

const OPTIONS = { issuer: 'https://auth.example.com', serverUrl: 'https://api.example.com' };
const COMMITTED = join(import.meta.dirname, 'orders-api.openapi.json');

/** A description as a linter reads it, which changes what it is given. */
const copyOf = (description: unknown) => JSON.parse(JSON.stringify(description));

const config = loadConfig({ configPath: join(import.meta.dirname, 'redocly.yaml') });

/** Rules that a description breaks. */
async function lint(description: unknown): Promise<readonly string[]> {
  const source = JSON.stringify(description);
  const problems = await lintFromString({ source, absoluteRef: '/openapi.json', config: await config });
  return problems.map(({ ruleId }) => ruleId);
}

const apiWith = (schema: AnySchema) =>
  defineApi({
    name: 'orders',
    version: '1',
    routes: [
      defineRoute({ key: 'POST /orders', scopes: ['a', 'b'], body: schema, answers: { 200: { description: 'ok' } } }),
    ],
  });

describe('the OpenAPI description', () => {
  it('is valid by the schema of OpenAPI 3.1', async () => {
    await expect(SwaggerParser.validate(copyOf(openApiOf([ordersApi], OPTIONS)))).resolves.toMatchObject({
      openapi: '3.1.1',
    });
    await expect(SwaggerParser.validate({ ...copyOf(openApiOf([ordersApi])), paths: { orders: {} } })).rejects.toThrow(
      /validation failed/,
    );
  });

  it('keeps the style of the rule set, with one API and with several', async () => {
    expect(await lint(openApiOf([ordersApi], OPTIONS))).toStrictEqual([]);
    const status = defineRoute({
      key: 'GET /status',
      summary: 'Says how it is',
      scopes: 'public',
      answers: { 204: { description: 'It works' } },
    });
    const statusApi = defineApi({ name: 'status', version: '1', routes: [status, operationRoute(['orders:read'])] });
    expect(await lint(openApiOf([ordersApi, statusApi]))).toStrictEqual([]);
  });

  it('misses the style if a route has no summary', async () => {
    const { summary: _, ...bare } = ordersApi.routes[1];
    const api = defineApi({ ...ordersApi, routes: [bare] });

    expect(await lint(openApiOf([api], OPTIONS))).toStrictEqual(['operation-summary']);
  });

  it('is the committed one, as long as the routes are', () => {
    expect(copyOf(openApiOf([ordersApi], OPTIONS))).toStrictEqual(JSON.parse(readFileSync(COMMITTED, 'utf8')));
  });

  it('is the same text for the same routes', () => {
    expect(openApiText([ordersApi], OPTIONS)).toBe(openApiText([{ ...ordersApi }], { ...OPTIONS }));
    expect(openApiText([ordersApi]).endsWith('}\n')).toBe(true);
  });

  it('describes parameters, headers and refusals of a route', () => {
    expect(openApiOf([ordersApi], OPTIONS)).toMatchObject({
      servers: [{ url: 'https://api.example.com' }],
      paths: {
        '/orders': {
          post: {
            operationId: 'postOrders',
            summary: 'Places an order',
            parameters: [{ name: 'Idempotency-Key', in: 'header', required: true }],
            requestBody: {
              required: true,
              content: { 'application/json': { schema: { required: ['product', 'quantity'] } } },
            },
            responses: {
              202: { description: 'The order is accepted' },
              404: { description: 'PRODUCT_UNKNOWN' },
              409: { description: 'ORDER_EXISTS, CONFLICT, IDEMPOTENCY_KEY_IN_FLIGHT' },
              422: { description: 'IDEMPOTENCY_KEY_REUSED' },
            },
            security: [{ accessToken: ['orders:write'] }],
          },
          get: {
            parameters: [
              { name: 'status', in: 'query', required: false, schema: { type: 'array' } },
              { name: 'limit', in: 'query', required: false },
              { name: 'next', in: 'query', required: false },
            ],
          },
        },
        '/orders/{orderId}': {
          get: {
            operationId: 'getOrdersByOrderId',
            parameters: [{ name: 'orderId', in: 'path', required: true, schema: { type: 'string' } }],
            // one of them is enough
            security: [{ accessToken: ['orders:read'] }, { accessToken: ['orders:write'] }],
          },
          put: {
            parameters: [{ name: 'orderId' }, { name: 'If-Match', in: 'header', required: true }],
            responses: { 412: { description: 'PRECONDITION_FAILED' }, 428: { description: 'PRECONDITION_REQUIRED' } },
          },
        },
        '/health': { get: { security: [] } },
      },
      components: {
        securitySchemes: {
          accessToken: {
            type: 'openIdConnect',
            openIdConnectUrl: 'https://auth.example.com/.well-known/openid-configuration',
          },
        },
      },
    });
  });

  it.each([
    ['zod', z.object({ sku: z.string() })],
    ["zod's small build", mini.object({ sku: mini.string() })],
  ])('takes schemas of %s', (_, schema) => {
    expect(openApiOf([apiWith(schema)])).toMatchObject({
      paths: {
        '/orders': {
          post: {
            requestBody: {
              content: {
                'application/json': {
                  schema: { type: 'object', properties: { sku: { type: 'string' } }, required: ['sku'] },
                },
              },
            },
          },
        },
      },
    });
  });

  it('names the route of a schema that has no JSON Schema', () => {
    const plain: AnySchema = { '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value }) } };

    expect(() => openApiOf([apiWith(plain)])).toThrow(
      "the schema of POST /orders: body has no JSON Schema: 'own' must implement '~standard.jsonSchema' of Standard Schema",
    );
    expect(() => openApiOf([apiWith(z.custom(() => true))])).toThrow(
      'the schema of POST /orders: body has no JSON Schema',
    );
  });
});
