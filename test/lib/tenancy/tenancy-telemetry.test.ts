import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import { expect, it } from 'vitest';
import { createTelemetryAudit } from '../../../lib/tenancy/tenancy-telemetry.ts';

it('logs a warning for work without a tenant, and counts it immediately', () => {
  const told: unknown[][] = [];
  const logger = { warn: (...args: unknown[]) => void told.push(['warn', ...args]) } as unknown as Logger;
  const metrics = {
    singleMetric: () => ({ addMetric: (...args: unknown[]) => void told.push(['metric', ...args]) }),
  } as unknown as Metrics;

  createTelemetryAudit(logger, metrics).crossTenantWork('a report for the whole company', 'acme');

  expect(told).toStrictEqual([
    ['warn', 'cross-tenant work', { reason: 'a report for the whole company', tenant_id: 'acme' }],
    ['metric', 'CrossTenantWork', 'Count', 1],
  ]);
});
