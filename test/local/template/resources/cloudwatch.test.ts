import { describe, expect, it } from 'vitest';
import { deployed } from '../deployed.ts';

describe('CloudWatch of a template', () => {
  it('lists its alarms with what they watch', async () => {
    const { deployment } = await deployed({
      Dead: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          AlarmName: 'dead-letters',
          AlarmDescription: 'events wait for a redrive',
          Namespace: 'AWS/SQS',
          MetricName: 'ApproximateNumberOfMessagesVisible',
          Threshold: 1,
        },
      },
      Rate: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          AlarmName: 'rate',
          Metrics: [
            { Id: 'm', MetricStat: {} },
            { Id: 'e', Expression: 'm / 60' },
          ],
        },
      },
      Bare: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmName: 'bare' } },
    });

    expect(deployment.alarms).toMatchObject([
      {
        logicalId: 'Dead',
        alarmName: 'dead-letters',
        metric: 'AWS/SQS/ApproximateNumberOfMessagesVisible',
        description: 'events wait for a redrive',
      },
      { alarmName: 'rate', metric: 'm / 60', description: undefined },
      { alarmName: 'bare', metric: undefined },
    ]);
  });

  it('lists its dashboards', async () => {
    const { deployment } = await deployed({
      Board: { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardName: 'hub', DashboardBody: '{}' } },
    });

    expect(deployment.dashboards).toMatchObject([
      { dashboardName: 'hub', arn: 'arn:aws:cloudwatch::000000000000:dashboard/hub' },
    ]);
  });
});
