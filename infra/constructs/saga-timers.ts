import { CfnDeletionPolicy, Duration, Names, Stack, Validations } from 'aws-cdk-lib';
import { Grant, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENV, sagaTimerDue } from '../../lib/definitions/index.ts';
import { ownEntry } from '../project.ts';
import { DEAD_LETTER_RETENTION_DAYS, type EnvironmentSettings } from '../settings.ts';
import type { IEventHub } from './event-hub-base.ts';
import { TIMEOUTS_PER_VISIBILITY } from './queue-checks.ts';
import { mapQueue } from './queue-mapping.ts';
import { removalPolicyOf } from './removal-policy.ts';
import { WaybillFunction } from './waybill-function.ts';

/** A batch takes only a few transactions; longer runs are stuck. */
const TIMEOUT = Duration.seconds(30);
const BATCH_SIZE = 10;

const GUARDED: QueueProps = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };

export interface SagaTimersProps {
  readonly hub: IEventHub;
  /** The saga's name. */
  readonly saga: string;
}

/**
 * The timers of a saga: one-time schedules, the queue that they send to, and the function that publishes them into
 * their saga's group. The queue in between makes an unpublished timer a dead letter that the console can redrive.
 */
export class SagaTimers extends Construct {
  readonly scheduleGroup: CfnScheduleGroup;
  readonly queue: Queue;
  /** Timers that could not be published or sent to the queue. */
  readonly deadLetterQueue: Queue;
  readonly function: WaybillFunction;
  /** The role that the Scheduler assumes. */
  private readonly role: Role;

  constructor(scope: Construct, id: string, { hub, saga }: SagaTimersProps) {
    super(scope, id);
    const { settings } = hub;
    const removalPolicy = removalPolicyOf(settings);
    const schedules = new Construct(this, 'Schedules');
    this.scheduleGroup = createScheduleGroup(schedules, settings);
    this.deadLetterQueue = new Queue(this, 'DeadLetterQueue', {
      ...GUARDED,
      removalPolicy,
      retentionPeriod: Duration.days(DEAD_LETTER_RETENTION_DAYS),
    });
    this.queue = new Queue(this, 'Queue', {
      ...GUARDED,
      removalPolicy,
      retentionPeriod: Duration.days(settings.queueRetentionDays),
      visibilityTimeout: Duration.seconds(TIMEOUTS_PER_VISIBILITY * TIMEOUT.toSeconds()),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: settings.maxReceiveCount },
    });
    this.role = this.createRole(schedules);
    this.function = new WaybillFunction(this, 'Function', {
      entry: ownEntry('saga-timer'),
      serviceName: `${saga}-timers`,
      eventStreams: false,
      alarms: ['CrossTenantWork'],
      settings,
      follows: hub.environmentName,
      timeout: TIMEOUT,
      description: `Waybill: publishes the timers of saga '${saga}' that are due`,
    });
    hub.grantPublish(this.function, [sagaTimerDue(saga)]);
    mapQueue(this.function, {
      queue: this.queue,
      batchSize: BATCH_SIZE,
      maxConcurrency: settings.maxConcurrency,
    });
  }

  /** Lets a function start and stop timers and sets its variables. */
  grantUse(user: WaybillFunction): Grant {
    user.addEnvironment(ENV.sagaScheduleGroupName, this.scheduleGroup.ref);
    user.addEnvironment(ENV.sagaTimersQueueArn, this.queue.queueArn);
    user.addEnvironment(ENV.sagaTimersDeadLetterQueueArn, this.deadLetterQueue.queueArn);
    user.addEnvironment(ENV.sagaTimersRoleArn, this.role.roleArn);
    // before its function: a timer that the Scheduler may not send would be lost
    user.node.addDependency(this.role);
    const schedules = Stack.of(this).formatArn({
      service: 'scheduler',
      resource: 'schedule',
      resourceName: `${this.scheduleGroup.ref}/*`,
    });
    Validations.of(user.executionRole).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${this.findingOf(schedules)}]`,
      reason: "The rest is the schedule's name: a hash of the timer, in a group that only this process manager uses.",
    });
    return Grant.addToPrincipal({
      grantee: user,
      actions: ['scheduler:CreateSchedule', 'scheduler:DeleteSchedule'],
      resourceArns: [schedules],
    }).combine(
      Grant.addToPrincipal({
        grantee: user,
        actions: ['iam:PassRole'],
        resourceArns: [this.role.roleArn],
        conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      }),
    );
  }

  /** @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html */
  private createRole(schedules: Construct): Role {
    const group = (resourceName: string) =>
      Stack.of(this).formatArn({ service: 'scheduler', resource: 'schedule-group', resourceName });
    const role = new Role(this, 'SchedulerRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': Stack.of(this).account,
            'aws:SourceArn': [this.scheduleGroup.attrArn, group(nameOfEarlierGroup(schedules))],
          },
        },
      }),
    });
    Grant.addToPrincipal({
      grantee: role,
      actions: ['sqs:SendMessage'],
      resourceArns: [this.queue.queueArn, this.deadLetterQueue.queueArn],
    });
    return role;
  }

  /** The ARN as cdk-nag writes it, with references by logical id. */
  private findingOf(arn: string): string {
    const resolved: unknown = Stack.of(this).resolve(arn);
    const parts: readonly unknown[] = isJoin(resolved) ? resolved['Fn::Join'][1] : [resolved];
    return parts.map((part) => (isRef(part) ? `<${part.Ref}>` : String(part))).join('');
  }
}

/**
 * A schedule group with a generated name, so that it never conflicts with one that was retained. A replaced group is
 * kept in every environment, because its timers are running.
 */
function createScheduleGroup(scope: Construct, settings: EnvironmentSettings): CfnScheduleGroup {
  const group = new CfnScheduleGroup(scope, 'Resource');
  group.applyRemovalPolicy(removalPolicyOf(settings), { applyToUpdateReplacePolicy: false });
  group.cfnOptions.updateReplacePolicy = CfnDeletionPolicy.RETAIN;
  return group;
}

/** Name of the schedule group in earlier releases. Their timers may still fire. */
const nameOfEarlierGroup = (schedules: Construct): string =>
  Names.uniqueResourceName(schedules, { maxLength: 64, separator: '-' });

const isJoin = (value: unknown): value is { readonly 'Fn::Join': readonly [string, readonly unknown[]] } =>
  typeof value === 'object' && value !== null && 'Fn::Join' in value;

const isRef = (value: unknown): value is { readonly Ref: string } =>
  typeof value === 'object' && value !== null && 'Ref' in value;
