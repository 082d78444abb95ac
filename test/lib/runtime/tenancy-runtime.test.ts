import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTenancyRuntime } from '../../../lib/runtime/tenancy-runtime.ts';

describe('the tenancy of a function', () => {
  it.each(['none', 'required'])('has mode %s if its environment says so', (mode) => {
    expect(createTenancyRuntime({ WAYBILL_TENANCY: mode }).tenancy.mode).toBe(mode);
  });

  it('refuses to start if the mode is not set, instead of disabling tenants', () => {
    expect(() => createTenancyRuntime({})).toThrow(
      expect.objectContaining({ code: 'ENVIRONMENT_INCOMPLETE', missing: ['WAYBILL_TENANCY'] }),
    );
  });

  it('refuses an unknown mode', () => {
    expect(() => createTenancyRuntime({ WAYBILL_TENANCY: 'optional' })).toThrow(
      expect.objectContaining({
        code: 'CONTRACT_INVALID',
        message: "WAYBILL_TENANCY is not valid: must be 'none' or 'required', got 'optional'",
      }),
    );
  });
});

describe('work without a tenant', () => {
  beforeEach(() => {
    // both write to the console then, which a test can listen to
    vi.stubEnv('POWERTOOLS_DEV', 'true');
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
    vi.stubEnv('POWERTOOLS_METRICS_NAMESPACE', 'Waybill/test');
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('is logged as a warning and counted as a metric immediately', () => {
    const lines: unknown[] = [];
    const write = (line: string) => void lines.push(JSON.parse(line));
    const spies = [
      vi.spyOn(console, 'log').mockImplementation(write),
      vi.spyOn(console, 'warn').mockImplementation(write),
    ];
    const { tenancy } = createTenancyRuntime({ WAYBILL_TENANCY: 'required' }, { serviceName: 'billing' });
    const { runAsTenant, withoutTenant } = tenancy;

    runAsTenant('acme', () => withoutTenant('monthly invoice run', () => 'done'));

    expect(spies.map(({ mock }) => mock.calls.length)).toStrictEqual([1, 1]);
    expect(lines).toMatchObject([
      {
        level: 'WARN',
        service: 'billing',
        message: 'cross-tenant work',
        reason: 'monthly invoice run',
        tenant_id: 'acme',
      },
      { service: 'billing', CrossTenantWork: 1, _aws: { CloudWatchMetrics: [{ Namespace: 'Waybill/test' }] } },
    ]);
  });
});
