import { describe, expect, it } from 'vitest';
import { createFunctionMetrics } from '../../../local/ledger/function-metrics.ts';

const emf = (values: Record<string, unknown>, Namespace = 'Waybill', dimensions = ['service']) =>
  JSON.stringify({
    _aws: {
      Timestamp: 1,
      CloudWatchMetrics: [
        { Namespace, Dimensions: [dimensions], Metrics: Object.keys(values).map((Name) => ({ Name, Unit: 'Count' })) },
      ],
    },
    service: 'payments',
    ...values,
  });

const read = (...lines: string[]) => {
  const metrics = createFunctionMetrics();
  for (const line of lines) metrics.readLine(line);
  return metrics;
};

describe('createFunctionMetrics', () => {
  it('adds up values of all lines, single ones and arrays', () => {
    const metrics = read(emf({ EventsHandled: 1 }), emf({ EventsHandled: [1, 2] }), emf({ EventsFailed: 4 }));

    expect(metrics.count('EventsHandled')).toBe(4);
    expect(metrics.count('EventsFailed')).toBe(4);
    expect(metrics.count('DuplicatesSkipped')).toBe(0);
  });

  it('does not add values that are repeated for a tenant', () => {
    const ofTenant = emf({ EventsHandled: 1 }).replace('[["service"]]', '[["service","tenant_id"]]');

    const metrics = read(emf({ EventsHandled: [1, 1] }), ofTenant, ofTenant);

    expect(ofTenant).toContain('tenant_id');
    expect(metrics.count('EventsHandled')).toBe(2);
  });

  it('counts a value once if it is also counted for a tenant', () => {
    const metrics = read(emf({ EventsHandled: 1 }), emf({ EventsHandled: 1 }, 'Waybill', ['service', 'tenant_id']));

    expect(metrics.count('EventsHandled')).toBe(1);
  });

  it('gives the nearest rank of a metric', () => {
    const metrics = read(
      emf({ CommitToHandled: Array.from({ length: 99 }, (_, index) => index + 1) }),
      emf({ CommitToHandled: 5000 }),
    );

    expect(metrics.quantile('CommitToHandled', 0.5)).toBe(50);
    expect(metrics.quantile('CommitToHandled', 0.99)).toBe(99);
    expect(metrics.quantile('CommitToHandled', 1)).toBe(5000);
  });

  it('names the slowest service by its own values, even if they are few', () => {
    const metrics = read(
      emf({ CommitToHandled: Array.from({ length: 99 }, (_, index) => index + 1) }),
      emf({ CommitToHandled: [60, 70] }).replace('"payments"', '"order-overview"'),
    );

    expect(metrics.slowest('CommitToHandled', 0.5)).toStrictEqual({ service: 'order-overview', value: 60 });
    expect(metrics.slowest('CommitToHandled', 1)).toStrictEqual({ service: 'payments', value: 99 });
  });

  it('has no quantile and no slowest service for a metric that was never measured', () => {
    expect(read().quantile('CommitToHandled', 0.5)).toBeUndefined();
    expect(read().slowest('CommitToHandled', 0.5)).toBeUndefined();
  });

  it('ignores other namespaces, other members and lines without metrics', () => {
    const metrics = read(
      emf({ EventsHandled: 7 }, 'Other'),
      '{"EventsHandled":7}',
      'START "_aws"',
      '"_aws"',
      '{"_aws":null}',
      '{"_aws":{"CloudWatchMetrics":[{"Namespace":"Waybill"}]},"EventsHandled":7}',
      emf({ EventsHandled: 'many' }),
    );

    expect(metrics.count('EventsHandled')).toBe(0);
  });
});
