import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { TableSchema } from '../../lib/definitions/index.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { type AlarmSpec, addAlarms, highestOf, MAX_METRICS_PER_ALARM, PERIOD, REPEATEDLY } from './alarms.ts';

/** Reads and writes of the table itself or of one index. */
interface Throttled {
  /** In the names of its metrics: `readsOf` makes `readsOfTable` and `readsOfIndex1`. */
  readonly part: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

const METRICS_PER_PART = 2;

/**
 * The alarm on throttled requests of a table and its indexes; a further one per five parts of a table with more than four
 * indexes. On-demand tables also throttle: per partition, or above twice the previous peak within 30 minutes.
 *
 * DynamoDB reports only what it throttles. CloudWatch ignores missing data of its metrics, whatever an alarm says, so that an
 * alarm on one of them would never end; an expression that fills them does.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export function addTableAlarms(table: Table, { indexes = [] }: TableSchema, settings: EnvironmentSettings): void {
  const parts: readonly Throttled[] = [
    { part: 'Table', dimensions: {} },
    ...indexes.map(({ name }, place) => ({
      part: `Index${place + 1}`,
      dimensions: { GlobalSecondaryIndexName: name },
    })),
  ];
  const size = MAX_METRICS_PER_ALARM / METRICS_PER_PART;
  const count = Math.ceil(parts.length / size);
  const alarms = Array.from({ length: count }, (_, place): [string, AlarmSpec] => [
    place === 0 ? 'Throttles' : `Throttles-${place + 1}`,
    {
      metric: highestOf(throttlesOf(table, parts.slice(place * size, (place + 1) * size))),
      ...REPEATEDLY,
      means: `DynamoDB turns requests of table '${table.node.path}' or of its indexes away, again and again; the metric above 0 says which.`,
      action:
        'Look for a hot key in CloudWatch Contributor Insights, and at the requests of its functions; spread the key, or warm the table up before a known peak.',
    },
  ]);
  addAlarms(table, settings, Object.fromEntries(alarms));
}

const throttlesOf = (table: Table, parts: readonly Throttled[]): Readonly<Record<string, Metric>> =>
  Object.fromEntries(
    parts.flatMap(({ part, dimensions }) =>
      (['Read', 'Write'] as const).map((kind) => [
        `${kind.toLowerCase()}sOf${part}`,
        new Metric({
          namespace: 'AWS/DynamoDB',
          metricName: `${kind}ThrottleEvents`,
          dimensionsMap: { TableName: table.tableName, ...dimensions },
          statistic: 'Sum',
          period: PERIOD,
        }),
      ]),
    ),
  );
