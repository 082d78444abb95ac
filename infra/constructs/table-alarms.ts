import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { TableSchema } from '../../lib/definitions/index.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { type AlarmSpec, addAlarms, PERIOD, REPEATEDLY } from './alarms.ts';

/**
 * Alarms on throttled requests, per table and index. On-demand tables also throttle: per partition, or above twice the
 * previous peak within 30 minutes. One alarm each, because a sum has no value while one metric is missing.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
 */
export function addTableAlarms(table: Table, { indexes = [] }: TableSchema, settings: EnvironmentSettings): void {
  const specs = (suffix: string, dimensions: Readonly<Record<string, string>>, of: string) =>
    Object.fromEntries(
      (['Read', 'Write'] as const).map((kind): [string, AlarmSpec] => [
        `${kind}Throttles${suffix}`,
        {
          metric: new Metric({
            namespace: 'AWS/DynamoDB',
            metricName: `${kind}ThrottleEvents`,
            dimensionsMap: { TableName: table.tableName, ...dimensions },
            statistic: 'Sum',
            period: PERIOD,
          }),
          ...REPEATEDLY,
          means: `DynamoDB turns ${kind.toLowerCase()}s of ${of} away, again and again.`,
          action:
            'Look for a hot key in CloudWatch Contributor Insights, and at the requests of its functions; spread the key, or warm the table up before a known peak.',
        },
      ]),
    );
  addAlarms(table, settings, {
    ...specs('', {}, `table '${table.node.path}'`),
    ...Object.assign(
      {},
      ...indexes.map(({ name }) =>
        specs(`-${name}`, { GlobalSecondaryIndexName: name }, `index '${name}' of '${table.node.path}'`),
      ),
    ),
  });
}
