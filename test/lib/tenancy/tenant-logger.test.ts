import type { Logger } from '@aws-lambda-powertools/logger';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTenancy, createTenantLogger } from '../../../lib/tenancy/index.ts';
import { createRecordingAudit } from './recording-audit.ts';

let lines: Record<string, unknown>[];

beforeEach(() => {
  // it writes to the console then, which a test can listen to
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  lines = [];
  vi.spyOn(console, 'info').mockImplementation((line: string) => void lines.push(JSON.parse(line)));
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

function createRig() {
  const { runAsTenant, withoutTenant, currentTenant } = createTenancy({
    mode: 'required',
    audit: createRecordingAudit(),
  });
  const logger = createTenantLogger({ currentTenant }, { serviceName: 'billing', logLevel: 'INFO' });
  return { runAsTenant, withoutTenant, logger };
}

const told = () => lines.map(({ message, tenant_id: tenantId }) => `${message}: ${tenantId}`);

describe('a tenant’s logger', () => {
  it('names the current tenant in each line, also of child loggers', () => {
    const { runAsTenant, logger } = createRig();

    runAsTenant('acme', () => {
      logger.info('one');
      logger.createChild().createChild().info('two');
    });

    expect(lines).toMatchObject([
      { service: 'billing', level: 'INFO', message: 'one', tenant_id: 'acme' },
      { service: 'billing', level: 'INFO', message: 'two', tenant_id: 'acme' },
    ]);
  });

  it('names no tenant before, after and without a tenant’s work', () => {
    const { runAsTenant, withoutTenant, logger } = createRig();

    logger.info('before');
    runAsTenant('acme', () => withoutTenant('support case 7', () => logger.info('without')));
    logger.info('after');

    expect(lines.map((line) => Object.keys(line).includes('tenant_id'))).toStrictEqual([false, false, false]);
  });

  it('distinguishes tenants that work concurrently, with one logger and with its children', async () => {
    const { runAsTenant, logger } = createRig();
    const work = async (child: Logger, tenantId: string) => {
      child.appendKeys({ event_id: `event of ${tenantId}` });
      for (let turn = 0; turn < 4; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
        child.info(tenantId);
        logger.info(tenantId);
      }
    };

    const tenants = ['acme', 'globex', 'initech'];
    await Promise.all(tenants.map((tenantId) => runAsTenant(tenantId, () => work(logger.createChild(), tenantId))));

    expect([...new Set(told())].toSorted()).toStrictEqual(['acme: acme', 'globex: globex', 'initech: initech']);
    const events = new Set(lines.map(({ message, event_id: eventId = 'none' }) => `${message}: ${eventId}`));
    expect([...events].toSorted()).toStrictEqual(
      tenants.flatMap((tenantId) => [`${tenantId}: event of ${tenantId}`, `${tenantId}: none`]),
    );
  });

  it('does not change a line that names a tenant itself', () => {
    const { runAsTenant, logger } = createRig();

    runAsTenant('acme', () => logger.info('taken over', { tenant_id: 'globex' }));
    runAsTenant('acme', () => logger.info('not said', { tenant_id: undefined }));

    expect(told()).toStrictEqual(['taken over: globex', 'not said: acme']);
  });
});
