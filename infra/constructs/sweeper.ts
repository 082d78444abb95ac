import { Duration, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { type IEventBus, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { Grant, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { CURSORS_INDEX, ENV } from '../../lib/definitions/index.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { reservedFor } from './concurrency.ts';
import { WaybillFunction } from './waybill-function.ts';

/** The sweeper's name in logs and metrics. */
export const SWEEPER_SERVICE = 'sweeper';

/** Shorter than the shortest interval between runs, so that runs rarely overlap. An overlap is harmless. */
const TIMEOUT = Duration.seconds(55);

export interface SweeperProps {
  readonly entry: string;
  readonly settings: EnvironmentSettings;
  readonly environmentName: string;
  readonly outboxTable: ITable;
  readonly pendingTable: ITable;
  readonly cursorsTable: ITable;
  /** Only its name is passed on: operators' tools read it from the function. */
  readonly operatorTable: ITable;
  readonly bus: IEventBus;
}

/**
 * Regularly publishes events that the relay has not published, and reports how many events wait in the pending table
 * and how many groups wait.
 */
export class Sweeper extends Construct {
  readonly function: WaybillFunction;
  /** On the default bus, because scheduled rules only work there. */
  readonly rule: Rule;

  constructor(scope: Construct, id: string, props: SweeperProps) {
    super(scope, id);
    const { settings, outboxTable, pendingTable, cursorsTable, bus } = props;
    this.function = new WaybillFunction(this, 'Function', {
      entry: props.entry,
      serviceName: SWEEPER_SERVICE,
      eventStreams: false,
      alarms: [],
      // one run, and briefly the previous one
      ...reservedFor(settings, 2),
      settings,
      follows: props.environmentName,
      timeout: TIMEOUT,
      description: 'Waybill: publishes events that have been pending for too long, and reports how many wait',
    });
    // no retry: the next run does the same work
    this.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    this.function.addEnvironment(ENV.busName, bus.eventBusName);
    this.function.addEnvironment(ENV.outboxTableName, outboxTable.tableName);
    this.function.addEnvironment(ENV.pendingTableName, pendingTable.tableName);
    this.function.addEnvironment(ENV.sweepAfterSeconds, String(settings.sweepAfterSeconds));
    this.function.addEnvironment(ENV.cursorsTableName, cursorsTable.tableName);
    this.function.addEnvironment(ENV.operatorTableName, props.operatorTable.tableName);
    bus.grantPutEventsTo(this.function);
    this.grant(outboxTable, ['dynamodb:BatchGetItem']);
    // IAM authorizes a delete within BatchWriteItem as BatchWriteItem
    this.grant(pendingTable, ['dynamodb:BatchWriteItem', 'dynamodb:Scan', 'dynamodb:UpdateItem']);
    // waiting groups are in sparse indexes: no access to the table itself
    Grant.addToPrincipal({
      grantee: this.function,
      actions: ['dynamodb:Scan'],
      resourceArns: Object.values(CURSORS_INDEX).map((index) => `${cursorsTable.tableArn}/index/${index}`),
    });
    this.rule = new Rule(this, 'Schedule', {
      description: 'Waybill: schedule of the sweeper, which publishes events that the relay has not published',
      schedule: Schedule.rate(Duration.minutes(settings.sweepEveryMinutes)),
      targets: [{ bind: () => ({ arn: this.function.functionArn, retryPolicy: { maximumRetryAttempts: 0 } }) }],
    });
    this.allowSchedules();
    this.rule.node.addDependency(this.function);
  }

  /** Allows all rules of the account: a permission with the rule's ARN could only be created after the rule. */
  private allowSchedules(): void {
    this.function.addPermission('AllowSchedules', {
      principal: new ServicePrincipal('events.amazonaws.com'),
      sourceArn: Stack.of(this).formatArn({ service: 'events', resource: 'rule', resourceName: '*' }),
    });
  }

  private grant(table: ITable, actions: string[]): void {
    Grant.addToPrincipal({ grantee: this.function, actions, resourceArns: [table.tableArn] });
  }
}
