import { describe, expect, it } from 'vitest';
import { deployed } from '../deployed.ts';

const TARGET = { Arn: 'arn:aws:sqs:us-east-1:000000000000:q', RoleArn: 'arn:aws:iam::000000000000:role/r' };
const ARN = 'arn:aws:scheduler:us-east-1:000000000000:schedule/nightly/sweep';

describe('a schedule of a template', () => {
  it('is created in its group, with numbers and dates as the API has them', async () => {
    const { deployment, calls, outputs } = await deployed(
      {
        Group: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: 'nightly' } },
        Sweep: {
          Type: 'AWS::Scheduler::Schedule',
          Properties: {
            Name: 'sweep',
            GroupName: { Ref: 'Group' },
            ScheduleExpression: 'rate(1 hour)',
            StartDate: '2026-11-20T06:00:00Z',
            FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: '15' },
            Target: {
              ...TARGET,
              RetryPolicy: { MaximumRetryAttempts: '3' },
              DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:000000000000:dead' },
            },
          },
        },
      },
      {
        outputs: { Name: { Ref: 'Sweep' }, Arn: { 'Fn::GetAtt': ['Sweep', 'Arn'] } },
        answers: { 'POST scheduler:/schedules/sweep': { ScheduleArn: ARN } },
      },
    );

    expect(calls).toEqual([
      { operation: 'POST scheduler:/schedule-groups/nightly', input: {} },
      {
        operation: 'POST scheduler:/schedules/sweep',
        input: {
          GroupName: 'nightly',
          ScheduleExpression: 'rate(1 hour)',
          StartDate: 1_795_154_400,
          FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
          Target: {
            ...TARGET,
            RetryPolicy: { MaximumRetryAttempts: 3 },
            DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:000000000000:dead' },
          },
        },
      },
    ]);
    expect(outputs).toEqual(
      new Map([
        ['Name', 'sweep'],
        ['Arn', ARN],
      ]),
    );
    expect(deployment.schedules).toMatchObject([
      {
        logicalId: 'Sweep',
        groupName: 'nightly',
        expression: 'rate(1 hour)',
        enabled: true,
        targetArn: TARGET.Arn,
        deadLetterQueueArn: 'arn:aws:sqs:us-east-1:000000000000:dead',
      },
    ]);
  });

  it('is refused if a date is invalid', async () => {
    const Properties = { ScheduleExpression: 'rate(1 hour)', EndDate: 'next week', Target: TARGET };

    const created = deployed({ Sweep: { Type: 'AWS::Scheduler::Schedule', Properties } });

    await expect(created).rejects.toMatchObject({
      code: 'LOCAL_DEPLOYMENT_FAILED',
      message: expect.stringContaining("property 'EndDate' is 'next week', expected a date"),
    });
  });
});
