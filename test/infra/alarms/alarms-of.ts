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
  Metrics: z.tuple([
    z.object({ Expression: z.literal('DIFF(pending)') }),
    z.object({
      Id: z.literal('pending'),
      ReturnData: z.literal(false),
      MetricStat: z.object({ Metric: metricSchema, Stat: z.string(), Period: z.number() }),
    }),
  ]),
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
  const expression = expressionSchema.safeParse(properties);
  return {
    path: resource.node.path.replace(`${Stack.of(resource).node.path}/`, '').replace(/\/Resource$/, ''),
    stat: expression.success ? statOfExpression(resource, expression.data) : statOf(resource, properties),
    expression: expression.success ? 'DIFF' : 'none',
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

function statOfExpression(scope: IConstruct, { Metrics: [, { MetricStat }] }: z.output<typeof expressionSchema>) {
  return {
    ...identityOf(scope, MetricStat.Metric),
    statistic: MetricStat.Stat,
    periodSeconds: MetricStat.Period,
  };
}

const identityOf = (scope: IConstruct, { Namespace, MetricName, Dimensions }: z.output<typeof metricSchema>) => ({
  namespace: Namespace,
  metric: MetricName,
  dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, textOf(scope, Value)])),
});
