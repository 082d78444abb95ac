import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ProcessManager } from '../../../infra/constructs/process-manager.ts';
import { featureFlags } from '../../../infra/feature-flags.ts';
import { HubStack } from '../../../infra/stacks/hub-stack.ts';
import { defineTrip } from '../../lib/saga/trip.ts';
import { createHub, createStack, settingsWith } from '../test-stack.ts';

const ENTRY = 'test/e2e/trips/process-manager/index.ts';
const KB = 1024;

function synthesize(settings = settingsWith()): Template {
  const stack = createStack();
  const hub = createHub(stack, { settings });
  const saga = defineTrip();
  hub.registerProducer(
    stack,
    [...saga.roles.values()].map((role) => (role.kind === 'start' ? role.start.event : role.reply.event)),
  );
  new ProcessManager(stack, 'Trips', { hub, saga, entry: ENTRY });
  return Template.fromStack(stack);
}

const arnOf = (id: string) => ({ 'Fn::GetAtt': [Match.stringLikeRegexp(id), 'Arn'] });

describe("ProcessManager's resources", () => {
  const template = synthesize();

  it('has a table for states, listings and history, listed by status', () => {
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: 'sagaId', KeyType: 'HASH' },
        { AttributeName: 'item', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        Match.objectLike({
          IndexName: 'by-status',
          KeySchema: [
            { AttributeName: 'listedStatus', KeyType: 'HASH' },
            { AttributeName: 'startedAt', KeyType: 'RANGE' },
          ],
        }),
        Match.objectLike({
          IndexName: 'by-status-shard',
          KeySchema: [
            { AttributeName: 'statusShard', KeyType: 'HASH' },
            { AttributeName: 'startedAt', KeyType: 'RANGE' },
          ],
        }),
      ],
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    });
  });

  it('lets its function start and stop timers of its own group, and pass only the role of the timers', () => {
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^TripsConsumerFunctionRole') }],
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['scheduler:CreateSchedule', 'scheduler:DeleteSchedule'],
            Resource: {
              'Fn::Join': [
                '',
                Match.arrayWith([':schedule/', { Ref: Match.stringLikeRegexp('^TripsTimersSchedules') }, '/*']),
              ],
            },
          }),
          Match.objectLike({
            Action: 'iam:PassRole',
            Resource: arnOf('^TripsTimersSchedulerRole'),
            Condition: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
          }),
        ]),
      },
    });
  });

  it('leaves the name of its schedule group to CloudFormation, so that the saga can be removed and added again', () => {
    template.hasResource('AWS::Scheduler::ScheduleGroup', { Properties: Match.absent() });
  });

  it('lets the Scheduler send to the timers’ queue and its dead letters, for schedules of the group only', () => {
    template.hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [
          Match.objectLike({
            Principal: { Service: 'scheduler.amazonaws.com' },
            Condition: {
              StringEquals: {
                'aws:SourceAccount': { Ref: 'AWS::AccountId' },
                'aws:SourceArn': [
                  arnOf('^TripsTimersSchedules'),
                  // timers that were started while the group had a fixed name
                  {
                    'Fn::Join': ['', Match.arrayWith([':schedule-group/Test-Trips-Timers-Schedules-E341FF09'])],
                  },
                ],
              },
            },
          }),
        ],
      },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^TripsTimersSchedulerRole') }],
      PolicyDocument: {
        Statement: [
          {
            Action: 'sqs:SendMessage',
            Effect: 'Allow',
            Resource: [arnOf('^TripsTimersDeadLetterQueue'), arnOf('^TripsTimersQueue')],
          },
        ],
      },
    });
  });

  it('makes a timer that cannot be published a dead letter, kept for 14 days', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      RedrivePolicy: { deadLetterTargetArn: arnOf('^TripsTimersDeadLetterQueue'), maxReceiveCount: 5 },
      VisibilityTimeout: 180,
    });
    template.hasResourceProperties('AWS::SQS::Queue', { MessageRetentionPeriod: 1_209_600, FifoQueue: Match.absent() });
  });

  it('subscribes to the events that its saga handles', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: Match.objectLike({
        detail: Match.objectLike({
          $or: Match.arrayWith([
            { source: ['/flights'], type: Match.arrayWith(['com.example.flight.booked']) },
            { source: ['/sagas/trip'], type: Match.arrayWith(['waybill.saga.trip.timer-due']) },
          ]),
        }),
      }),
    });
  });

  it('has an alarm for a compensation that failed permanently, and one for stuck timers', () => {
    const prod = synthesize(settingsWith({ alarmsEnabled: true }));

    prod.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'SagaCompensationsFailed',
      Dimensions: [{ Name: 'service', Value: 'trip' }],
      Threshold: 0,
    });
    prod.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [
        { Name: 'QueueName', Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('TimersDeadLetter'), 'QueueName'] } },
      ],
    });
    prod.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateAgeOfOldestMessage',
      Dimensions: [
        { Name: 'QueueName', Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('TimersQueue'), 'QueueName'] } },
      ],
      Threshold: 900,
    });
  });

  it('rejects invalid props in an error with its path', () => {
    const stack = createStack();
    const hub = createHub(stack);
    const build = () => new ProcessManager(stack, 'Trips', { hub, saga: defineTrip(), entry: 'nowhere.ts' });

    expect(build).toThrow(expect.objectContaining({ code: 'WIRING_INVALID', path: 'Test/Trips/Consumer' }));
  });
});

describe('the bundles of a process manager', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'waybill-saga-bundles-'));
  afterAll(() => rmSync(outdir, { recursive: true, force: true }));

  it('stay within 698 KB, a consumer and the Scheduler’s client, and 420 KB for the timers', () => {
    const app = new App({ outdir, context: { ...featureFlags(), 'aws:cdk:bundling-stacks': ['Sagas'] } });
    const { hub } = new HubStack(app, 'Hub', { settings: settingsWith() });
    const stack = new Stack(app, 'Sagas');
    const saga = defineTrip();
    hub.registerProducer(
      stack,
      [...saga.roles.values()].map((role) => (role.kind === 'start' ? role.start.event : role.reply.event)),
    );
    new ProcessManager(stack, 'Trips', { hub, saga, entry: ENTRY });

    const { template } = app.synth().getStackByName('Sagas');
    const bytesOf = (service: string): number => {
      const found = Object.values(templateSchema.parse(template).Resources).find(
        ({ Properties }) =>
          functionSchema.safeParse(Properties).data?.Environment.Variables.POWERTOOLS_SERVICE_NAME === service,
      );
      const { Code } = functionSchema.parse(found?.Properties);
      return statSync(join(outdir, `asset.${Code.S3Key.replace('.zip', '')}`, 'index.mjs')).size;
    };

    expect(bytesOf('trip')).toBeLessThanOrEqual(698 * KB);
    expect(bytesOf('trip-timers')).toBeLessThanOrEqual(420 * KB);
    process.stdout.write(`bundle of a process manager: ${(bytesOf('trip') / KB).toFixed(1)} KB\n`);
  });
});

const templateSchema = z.object({ Resources: z.record(z.string(), z.object({ Properties: z.unknown().optional() })) });

const functionSchema = z.object({
  Code: z.object({ S3Key: z.string() }),
  Environment: z.object({ Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string() }) }),
});

describe('ProcessManager', () => {
  it('rejects a function timeout that exceeds the timers that the function starts', () => {
    const stack = createStack();
    const hub = createHub(stack);
    const props = { hub, saga: defineTrip(), entry: ENTRY, timeout: Duration.seconds(61) };

    expect(() => new ProcessManager(stack, 'Trips', props)).toThrow(
      "ProcessManager 'Test/Trips' cannot be built:\n  - timeout must be a whole number of seconds from 1 to 60, got 61: in more time a timer could be due before the event that started it is committed",
    );
  });

  it('lists every missing prop', () => {
    const stack = createStack();

    // @ts-expect-error the app runs without a type check
    expect(() => new ProcessManager(stack, 'Trips', {})).toThrow(
      "ProcessManager 'Test/Trips' cannot be built:\n  - hub must be given, got nothing\n  - saga must be given, got nothing\n  - entry must be given, got nothing",
    );
  });
});
