import { describe, expect, it } from 'vitest';
import { createTenancy } from '../../../lib/tenancy/index.ts';
import { createRecordingAudit } from './recording-audit.ts';

const required = () => {
  const audit = createRecordingAudit();
  return { audit, ...createTenancy({ mode: 'required', audit }) };
};

describe('a tenancy', () => {
  it('provides the tenant to everything that the work awaits, and no tenant after it', async () => {
    const { currentTenant, runAsTenant } = required();

    const seen = await runAsTenant('acme', async () => {
      const before = currentTenant();
      await new Promise((resolve) => setImmediate(resolve));
      return [before, currentTenant()];
    });

    expect(seen).toStrictEqual(['acme', 'acme']);
    expect(currentTenant()).toBeUndefined();
  });

  it('isolates concurrent work in any interleaving', async () => {
    const { currentTenant, runAsTenant, keyPrefix } = required();
    const work = (tenantId: string) =>
      runAsTenant(tenantId, async () => {
        const seen: unknown[] = [];
        for (let turn = 0; turn < 5; turn++) {
          await new Promise((resolve) => setImmediate(resolve));
          seen.push(currentTenant(), keyPrefix());
        }
        return [...new Set(seen)];
      });

    const seen = await Promise.all(['acme', 'globex', 'acme', 'initech'].map(work));

    expect(seen).toStrictEqual([
      ['acme', 'acme#'],
      ['globex', 'globex#'],
      ['acme', 'acme#'],
      ['initech', 'initech#'],
    ]);
  });

  it('remains set for timers and promises that continue after the work', async () => {
    const { currentTenant, runAsTenant } = required();
    const outlived = Promise.withResolvers<string | undefined>();

    runAsTenant('acme', () => void setTimeout(() => outlived.resolve(currentTenant()), 0));
    const meanwhile = runAsTenant('globex', currentTenant);

    expect(meanwhile).toBe('globex');
    expect(await outlived.promise).toBe('acme');
  });

  it('allows nested work of the same tenant', () => {
    const { currentTenant, runAsTenant } = required();

    expect(runAsTenant('acme', () => runAsTenant('acme', currentTenant))).toBe('acme');
  });

  it.each([
    ['another tenant', 'globex', "cannot act for tenant 'globex' while running as tenant 'acme'"],
    ['no tenant', undefined, "cannot act for no tenant while running as tenant 'acme'"],
  ])('refuses %s inside a tenant’s work', (_, inner, message) => {
    const { runAsTenant } = required();

    const cross = () => runAsTenant('acme', () => runAsTenant(inner, () => 'done'));

    expect(cross).toThrow(
      expect.objectContaining({ code: 'TENANT_MISMATCH', message: expect.stringContaining(message) }),
    );
  });

  it('refuses work without a tenant, and keys without one', () => {
    const { runAsTenant, keyPrefix, cacheKey, tenantOf } = required();
    const missing = (what: string) =>
      expect.objectContaining({
        code: 'TENANT_MISSING',
        message: expect.stringMatching(new RegExp(`^${what} has no tenant`)),
      });

    expect(() => runAsTenant(undefined, () => 'done')).toThrow(missing('the work'));
    expect(keyPrefix).toThrow(missing('the work on a key'));
    expect(() => cacheKey('prices')).toThrow(missing('the work on a key'));
    expect(() => tenantOf(undefined, "'com.example.order.placed'")).toThrow(
      expect.objectContaining({
        code: 'TENANT_MISSING',
        message:
          "'com.example.order.placed' has no tenant, but this deployment requires one: pass the tenant with the command or the event, or use withoutTenant(reason, work)",
      }),
    );
  });

  it.each(['', 'Acme', '-acme', 'acme#1', 'acme:1', 'acme\n', 'ac me', 'äcme', 'a'.repeat(41), 'acme\u0000'])(
    'refuses %j as a tenant',
    (tenantId) => {
      const { runAsTenant, tenantOf } = required();
      const invalid = expect.objectContaining({ code: 'TENANT_INVALID' });

      expect(() => runAsTenant(tenantId, () => 'done')).toThrow(invalid);
      expect(() => tenantOf(tenantId, 'an event')).toThrow(invalid);
    },
  );

  it('gives each tenant its own cache keys', () => {
    const { runAsTenant, cacheKey } = required();
    const priceList = () => cacheKey('price-list');

    expect(runAsTenant('acme', priceList)).toBe('acme#price-list');
    expect(runAsTenant('globex', priceList)).toBe('globex#price-list');
  });
});

describe('work without a tenant', () => {
  it('is reported to the audit with its reason before it starts', () => {
    const { audit, runAsTenant, withoutTenant, currentTenant, keyPrefix } = required();

    const seen = runAsTenant('acme', () =>
      withoutTenant('monthly invoice run', () => [audit.entries.length, currentTenant(), keyPrefix()]),
    );

    expect(seen).toStrictEqual([1, undefined, '']);
    expect(audit.entries).toStrictEqual([{ reason: 'monthly invoice run', atWork: 'acme' }]);
  });

  it('can start work of any tenant, and ends without a tenant', () => {
    const { runAsTenant, withoutTenant, currentTenant } = required();

    const seen = runAsTenant('acme', () => [
      withoutTenant('monthly invoice run', () => runAsTenant('globex', currentTenant)),
      currentTenant(),
    ]);

    expect(seen).toStrictEqual(['globex', 'acme']);
  });

  it.each(['', '  ', 7 as unknown as string, undefined as unknown as string])('refuses the reason %j', (reason) => {
    const { audit, withoutTenant } = required();

    expect(() => withoutTenant(reason, () => 'done')).toThrow(
      expect.objectContaining({ code: 'TENANT_REASON_MISSING' }),
    );
    expect(audit.entries).toStrictEqual([]);
  });
});

describe('a tenancy of mode none', () => {
  it('leaves keys unchanged, with and without a tenant', () => {
    const { runAsTenant, keyPrefix, cacheKey, tenantOf } = createTenancy({
      mode: 'none',
      audit: createRecordingAudit(),
    });

    expect(runAsTenant(undefined, keyPrefix)).toBe('');
    expect(runAsTenant('acme', keyPrefix)).toBe('');
    expect(cacheKey('price-list')).toBe('price-list');
    expect(tenantOf(undefined, 'an event')).toBeUndefined();
    expect(runAsTenant('acme', () => tenantOf(undefined, 'an event'))).toBe('acme');
  });
});
