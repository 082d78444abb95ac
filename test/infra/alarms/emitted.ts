import { vi } from 'vitest';
import * as z from 'zod';
import type { Datapoint, Series } from './cloudwatch.ts';

/** Metrics that a function wrote into its log, as CloudWatch would take them from there. */
export interface Emission extends Omit<Series, 'datapoints'> {
  readonly values: readonly number[];
}

const headSchema = z.object({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});

const valuesSchema = z.union([z.number().transform((value) => [value]), z.array(z.number())]);

/**
 * Runs code of the product with a function's environment, and reads what its metrics wrote.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export async function emittedBy(
  variables: Readonly<Record<string, string>>,
  work: () => Promise<unknown> | unknown,
): Promise<readonly Emission[]> {
  const lines: unknown[] = [];
  const write = (line: unknown) => typeof line === 'string' && line.startsWith('{') && lines.push(JSON.parse(line));
  // metrics go to the console then, which a test can listen to
  for (const [name, value] of Object.entries({ ...variables, POWERTOOLS_DEV: 'true' })) vi.stubEnv(name, value);
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((method) =>
    vi.spyOn(console, method).mockImplementation(write),
  );
  try {
    await work();
  } finally {
    for (const spy of spies) spy.mockRestore();
    vi.unstubAllEnvs();
  }
  return lines.flatMap(emissionsIn);
}

function emissionsIn(line: unknown): readonly Emission[] {
  const head = headSchema.safeParse(line);
  if (!head.success) return [];
  const fields = z.record(z.string(), z.unknown()).parse(line);
  return head.data._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name }) => ({
        namespace: Namespace,
        metric: Name,
        dimensions: Object.fromEntries(names.map((name) => [name, String(fields[name])])),
        values: valuesSchema.parse(fields[Name]),
      })),
    ),
  );
}

/** The same again in each of these minutes. */
export const repeated = (emissions: readonly Emission[], minutes: readonly number[]): readonly Series[] =>
  emissions.map(({ values, ...identity }) => ({
    ...identity,
    datapoints: minutes.flatMap((minute) => values.map((value): Datapoint => ({ atSeconds: minute * 60 + 20, value }))),
  }));
