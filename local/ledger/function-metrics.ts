import { type METRIC, METRIC_NAMESPACE } from '../../lib/definitions/index.ts';

/** Counts and times of the functions' own metrics, as CloudWatch would see them. */
export interface FunctionMetrics {
  /** Takes one line of a function's log; all but metrics pass unread. */
  readLine(line: string): void;
  count(metric: Metric): number;
  /**
   * The nearest rank of a metric's values, undefined when there are none.
   * @param ratio above 0, up to 1: 0.99 is the 99th percentile
   */
  quantile(metric: Metric, ratio: number): number | undefined;
  /** The service with the largest such value of its own. @param ratio as of `quantile` */
  slowest(metric: Metric, ratio: number): { readonly service: string; readonly value: number } | undefined;
}

type Metric = (typeof METRIC)[keyof typeof METRIC];

/** How often each value came: milliseconds repeat, so this stays small. */
type Values = Map<number, number>;

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
export function createFunctionMetrics(): FunctionMetrics {
  /** By metric, then by service. */
  const metrics = new Map<string, Map<string, Values>>();

  const add = (name: string, service: string, value: unknown) => {
    if (typeof value !== 'number') return;
    const services = metrics.get(name) ?? new Map<string, Values>();
    const values = services.get(service) ?? new Map<number, number>();
    values.set(value, (values.get(value) ?? 0) + 1);
    metrics.set(name, services.set(service, values));
  };
  const ofAll = (metric: Metric) => [...(metrics.get(metric)?.values() ?? [])].flatMap((values) => [...values]);

  return {
    readLine(line) {
      if (!line.includes('"_aws"')) return;
      const document = parseObject(line);
      const service = String(document['service']);
      for (const name of metricNames(document)) {
        const value = document[name];
        for (const each of Array.isArray(value) ? value : [value]) add(name, service, each);
      }
    },
    count: (metric) => ofAll(metric).reduce((sum, [value, times]) => sum + value * times, 0),
    quantile: (metric, ratio) => nearestRank(ofAll(metric), ratio),
    slowest(metric, ratio) {
      const ofServices = [...(metrics.get(metric) ?? [])].flatMap(([service, values]) => {
        const value = nearestRank([...values], ratio);
        return value === undefined ? [] : [{ service, value }];
      });
      return ofServices.toSorted((one, other) => other.value - one.value).at(0);
    },
  };
}

type Entry = readonly [value: number, times: number];

function nearestRank(entries: readonly Entry[], ratio: number): number | undefined {
  const total = entries.reduce((sum, [, times]) => sum + times, 0);
  let seen = 0;
  const found = entries
    .toSorted(([one], [other]) => one - other)
    .find(([, times]) => {
      seen += times;
      return seen >= Math.ceil(total * ratio);
    });
  return found?.[0];
}

/** What is counted for a tenant is counted in all, too. */
const TENANT_DIMENSION = 'tenant_id';

type Document = Readonly<Record<string, unknown>>;

interface MetricDirective {
  readonly Namespace?: unknown;
  readonly Dimensions?: readonly (readonly unknown[])[];
  readonly Metrics?: readonly { readonly Name?: unknown }[];
}

function metricNames(document: Document): string[] {
  const { CloudWatchMetrics: directives = [] } = (document['_aws'] ?? {}) as {
    readonly CloudWatchMetrics?: readonly MetricDirective[];
  };
  return directives
    .filter(({ Namespace }) => String(Namespace).split('/')[0] === METRIC_NAMESPACE)
    .filter(({ Dimensions = [] }) => !Dimensions.some((names) => names.includes(TENANT_DIMENSION)))
    .flatMap(({ Metrics = [] }) => Metrics.map(({ Name }) => String(Name)));
}

/** A function may write anything: what is no JSON object holds no metrics. */
function parseObject(line: string): Document {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Document) : {};
  } catch {
    return {};
  }
}
