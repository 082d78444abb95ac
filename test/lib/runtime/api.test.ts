import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { defineApi, defineRoute } from '../../../lib/definitions/index.ts';
import { api } from '../../../lib/runtime/api.ts';
import type { ApiRuntime } from '../../../lib/runtime/api-runtime.ts';

const ok = { 200: { description: 'ok' } } as const;
const health = defineRoute({ key: 'GET /health', scopes: 'public', answers: ok });
const ready = defineRoute({ key: 'GET /ready', scopes: 'public', answers: ok });
const statusApi = defineApi({ name: 'status', version: '1', routes: [health] });

/** What the HttpEdge construct of `statusApi` sets. */
const VARIABLES = {
  AWS_REGION: 'eu-west-1',
  POWERTOOLS_DEV: 'true',
  POWERTOOLS_SERVICE_NAME: 'status',
  WAYBILL_TENANCY: 'none',
  WAYBILL_TENANT_CLAIM: 'tenant',
  WAYBILL_HTTP_REQUESTS_TABLE_NAME: 'requests',
  WAYBILL_OUTBOX_TABLE_NAME: 'outbox',
  WAYBILL_PENDING_TABLE_NAME: 'pending',
  WAYBILL_OUTBOX_RETENTION_SECONDS: '1555200',
};

const answer = () => ({ status: 200 }) as const;

describe('an API in one expression', () => {
  beforeEach(() => {
    for (const [name, value] of Object.entries(VARIABLES)) vi.stubEnv(name, value);
  });
  afterEach(() => vi.unstubAllEnvs());

  it('builds the runtime once, and passes it to the function that makes the handlers', () => {
    const runtimes: ApiRuntime[] = [];
    api(statusApi, (runtime) => {
      runtimes.push(runtime);
      return { 'GET /health': answer };
    });

    expect(runtimes.map(({ tenantClaim }) => tenantClaim)).toStrictEqual(['tenant']);
  });

  it('refuses to start without its variables, and for another API than its construct has', () => {
    const start = () => api(statusApi, { 'GET /health': answer });

    vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'orders');
    expect(start).toThrow(expect.objectContaining({ code: 'API_WIRING' }));
    vi.stubEnv('WAYBILL_HTTP_REQUESTS_TABLE_NAME', '');
    expect(start).toThrow(expect.objectContaining({ code: 'ENVIRONMENT_INCOMPLETE' }));
  });

  it('does not compile without a handler for each route, and refuses to start', () => {
    const both = defineApi({ name: 'status', version: '1', routes: [health, ready] });

    // @ts-expect-error no handler of GET /ready
    expect(() => api(both, { 'GET /health': answer })).toThrow(
      expect.objectContaining({
        code: 'API_HANDLERS_INVALID',
        message: "API 'status' must have one handler per route: there is no handler of 'GET /ready'",
      }),
    );
  });

  it('does not compile with an answer that the route does not declare', () => {
    expect(() =>
      api(statusApi, {
        // @ts-expect-error 201 is not declared
        'GET /health': () => ({ status: 201 }),
      }),
    ).not.toThrow();
  });

  it('does not compile with a handler of no route, and refuses to start', () => {
    expect(() =>
      api(statusApi, {
        'GET /health': answer,
        // @ts-expect-error no such route
        'GET /heath': answer,
      }),
    ).toThrow(expect.objectContaining({ code: 'API_HANDLERS_INVALID' }));
  });
});
