import { Stack } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';
import * as z from 'zod';
import { renderedProperties } from '../../../infra/constructs/rendered.ts';
import type { Alarm, MetricStat } from './cloudwatch.ts';
import { textOf } from './text-of.ts';

const dimensionsSchema = z.array(z.object({ Name: z.string(), Value: z.unknown() })).default([]);

const metricSchema = z.object({ Namespace: z.string(), MetricName: z.string(), Dimensions: dimensionsSchema });

const evaluationSchema = z.object({
  ComparisonOperator: z.literal('GreaterThanThreshold'),
  Threshold: z.number(),
  EvaluationPeriods: z.number(),
  DatapointsToAlarm: z.number().optional(),
  TreatMissingData: z.enum(['notBreaching', 'breaching', 'ignore']),
});

const simpleSchema = metricSchema.extend({
  Statistic: z.string().optional(),
  ExtendedStatistic: z.string().optional(),
  Period: z.number(),
});

const expressionSchema = z.object({
  Metrics: z.tuple(
    [z.object({ Expression: z.string(), ReturnData: z.literal(true).optional() })],
    z.object({
      Id: z.string(),
      ReturnData: z.literal(false),
      MetricStat: z.object({ Metric: metricSchema, Stat: z.string(), Period: z.number() }),
    }),
  ),
});

/** All alarms below a construct as the templates have them, with the names that the deployment would give. */
export const alarmsOf = (root: IConstruct): readonly Alarm[] =>
  root.node
    .findAll()
    .filter((each) => each instanceof CfnAlarm)
    .map(alarmOf);

function alarmOf(resource: CfnAlarm): Alarm {
  const properties = renderedProperties(resource);
  const { Threshold, EvaluationPeriods, DatapointsToAlarm, TreatMissingData } = evaluationSchema.parse(properties);
  const math = expressionSchema.safeParse(properties);
  return {
    path: resource.node.path.replace(`${Stack.of(resource).node.path}/`, '').replace(/\/Resource$/, ''),
    ...(math.success
      ? mathOf(resource, math.data)
      : { stats: [statOf(resource, properties)] as const, expression: 'none' as const }),
    threshold: Threshold,
    evaluationPeriods: EvaluationPeriods,
    datapointsToAlarm: DatapointsToAlarm ?? EvaluationPeriods,
    missingData: TreatMissingData,
  };
}

function statOf(scope: IConstruct, properties: unknown): MetricStat {
  const { Statistic, ExtendedStatistic, Period, ...metric } = simpleSchema.parse(properties);
  return { ...identityOf(scope, metric), statistic: Statistic ?? ExtendedStatistic ?? '', periodSeconds: Period };
}

function mathOf(
  scope: IConstruct,
  { Metrics: [{ Expression }, ...metrics] }: z.output<typeof expressionSchema>,
): Pick<Alarm, 'stats' | 'expression'> {
  const [first, ...rest] = metrics.map(({ MetricStat: { Metric, Stat, Period } }) => ({
    ...identityOf(scope, Metric),
    statistic: Stat,
    periodSeconds: Period,
  }));
  const ids = metrics.map(({ Id }) => Id);
  const modelled = [
    ['DIFF', `DIFF(${ids[0]})`],
    ['MAX', `MAX([${ids.map((id) => `FILL(${id}, 0)`).join(', ')}])`],
  ] as const;
  const known = modelled.find(([, text]) => text === Expression)?.[0];
  if (first === undefined || known === undefined) throw new Error(`no model of the expression '${Expression}'`);
  return { stats: [first, ...rest], expression: known };
}

const identityOf = (scope: IConstruct, { Namespace, MetricName, Dimensions }: z.output<typeof metricSchema>) => ({
  namespace: Namespace,
  metric: MetricName,
  dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, textOf(scope, Value)])),
});
