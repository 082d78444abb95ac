import { Duration, Stack, Validations } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { Grant, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ENV, RECONCILE_KEY_PREFIX } from '../../lib/definitions/index.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { reservedFor } from './concurrency.ts';
import { WaybillFunction } from './waybill-function.ts';

/** The reconciler's name in logs and metrics. */
export const RECONCILER_SERVICE = 'reconciler';

/** A pass has 96 parts: one for each run of a day. */
export const RECONCILE_EVERY = Duration.minutes(15);

/** Shorter than the interval between runs, so that runs do not overlap. */
const TIMEOUT = Duration.minutes(10);

export interface ReconcilerProps {
  readonly entry: string;
  readonly settings: EnvironmentSettings;
  readonly environmentName: string;
  /** How long a pass over the whole log takes. */
  readonly within: Duration;
  readonly outboxTable: ITable;
  readonly pendingTable: ITable;
  readonly inboxTable: ITable;
  readonly cursorsTable: ITable;
}

/**
 * Regularly compares a part of the log with all consumers of the environment, and reports events that were neither handled
 * nor wait in a place with a name.
 */
export class Reconciler extends Construct {
  readonly function: WaybillFunction;
  /** On the default bus, because scheduled rules only work there. */
  readonly rule: Rule;

  constructor(scope: Construct, id: string, props: ReconcilerProps) {
    super(scope, id);
    const { settings, outboxTable, pendingTable, inboxTable, cursorsTable } = props;
    this.function = new WaybillFunction(this, 'Function', {
      entry: props.entry,
      serviceName: RECONCILER_SERVICE,
      // Lambda's client reads event streams
      eventStreams: true,
      alarms: [],
      ...reservedFor(settings, 1),
      settings,
      follows: props.environmentName,
      timeout: TIMEOUT,
      description: 'Waybill: looks whether every event was handled or waits in a place with a name',
    });
    // no retry: the next run continues
    this.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(5) });
    this.function.addEnvironment(ENV.outboxTableName, outboxTable.tableName);
    this.function.addEnvironment(ENV.pendingTableName, pendingTable.tableName);
    this.function.addEnvironment(ENV.reconcileTableName, inboxTable.tableName);
    this.function.addEnvironment(ENV.reconcileWithinSeconds, String(props.within.toSeconds()));
    this.function.addEnvironment(ENV.environmentName, props.environmentName);
    this.grant(outboxTable, ['Scan', 'Query', 'GetItem', 'BatchGetItem']);
    this.grant(pendingTable, ['Scan', 'BatchGetItem']);
    this.grant(cursorsTable, ['BatchGetItem']);
    this.grant(inboxTable, ['GetItem', 'BatchGetItem']);
    Grant.addToPrincipal({
      grantee: this.function,
      actions: ['dynamodb:PutItem'],
      resourceArns: [inboxTable.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${RECONCILE_KEY_PREFIX}*`] } },
    });
    this.grantDiscovery();
    this.rule = new Rule(this, 'Schedule', {
      description: 'Waybill: schedule of the reconciler, which looks whether every event was handled',
      schedule: Schedule.rate(RECONCILE_EVERY),
      targets: [{ bind: () => ({ arn: this.function.functionArn, retryPolicy: { maximumRetryAttempts: 0 } }) }],
    });
    this.function.addPermission('AllowSchedules', {
      principal: new ServicePrincipal('events.amazonaws.com'),
      sourceArn: Stack.of(this).formatArn({ service: 'events', resource: 'rule', resourceName: '*' }),
    });
    this.rule.node.addDependency(this.function);
  }

  /** Consumers may be in other stacks and apps, which the hub cannot name: docs/adr/0064. */
  private grantDiscovery(): void {
    const queues = Stack.of(this).formatArn({ service: 'sqs', resource: '*' });
    Grant.addToPrincipal({ grantee: this.function, actions: ['lambda:ListFunctions'], resourceArns: ['*'] });
    Grant.addToPrincipal({ grantee: this.function, actions: ['sqs:GetQueueAttributes'], resourceArns: [queues] });
    Validations.of(this.function.executionRole).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'lambda:ListFunctions knows no resources. Consumers of other apps are found by it.',
    });
    Validations.of(this.function.executionRole).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:sqs:<AWS::Region>:<AWS::AccountId>:*]',
      reason: 'Reads how many messages queues have, of consumers that the hub cannot name.',
    });
  }

  private grant(table: ITable, actions: readonly string[]): void {
    Grant.addToPrincipal({
      grantee: this.function,
      actions: actions.map((action) => `dynamodb:${action}`),
      resourceArns: [table.tableArn],
    });
  }
}
