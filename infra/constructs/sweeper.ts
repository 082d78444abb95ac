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

/** Less than the shortest time between two runs, so that they seldom overlap; when they do, it is harmless. */
const TIMEOUT = Duration.seconds(55);

export interface SweeperProps {
  readonly entry: string;
  readonly settings: EnvironmentSettings;
  readonly environmentName: string;
  readonly outboxTable: ITable;
  readonly pendingTable: ITable;
  readonly cursorsTable: ITable;
  readonly bus: IEventBus;
}

/** Publishes, now and then, what the relay has not, and tells how much waits: there, and behind the consumers' cursors. */
export class Sweeper extends Construct {
  readonly function: WaybillFunction;
  /** On the default bus, which is where schedules are. */
  readonly rule: Rule;

  constructor(scope: Construct, id: string, props: SweeperProps) {
    super(scope, id);
    const { settings, outboxTable, pendingTable, cursorsTable, bus } = props;
    this.function = new WaybillFunction(this, 'Function', {
      entry: props.entry,
      serviceName: SWEEPER_SERVICE,
      eventStreams: false,
      alarms: [],
      // one run and, for a moment, the one before it
      ...reservedFor(settings, 2),
      settings,
      follows: props.environmentName,
      timeout: TIMEOUT,
      description: 'Waybill: publishes what has been pending for too long, and reports how much waits',
    });
    // the next run makes up for one that failed
    this.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    this.function.addEnvironment(ENV.busName, bus.eventBusName);
    this.function.addEnvironment(ENV.outboxTableName, outboxTable.tableName);
    this.function.addEnvironment(ENV.pendingTableName, pendingTable.tableName);
    this.function.addEnvironment(ENV.sweepAfterSeconds, String(settings.sweepAfterSeconds));
    this.function.addEnvironment(ENV.cursorsTableName, cursorsTable.tableName);
    bus.grantPutEventsTo(this.function);
    this.grant(outboxTable, ['dynamodb:BatchGetItem']);
    // a delete within BatchWriteItem is authorized as BatchWriteItem
    this.grant(pendingTable, ['dynamodb:BatchWriteItem', 'dynamodb:Scan', 'dynamodb:UpdateItem']);
    // what waits is in sparse indexes: the table itself is out of reach
    Grant.addToPrincipal({
      grantee: this.function,
      actions: ['dynamodb:Scan'],
      resourceArns: Object.values(CURSORS_INDEX).map((index) => `${cursorsTable.tableArn}/index/${index}`),
    });
    this.rule = new Rule(this, 'Schedule', {
      description: 'Waybill: when to look for events that the relay has not published',
      schedule: Schedule.rate(Duration.minutes(settings.sweepEveryMinutes)),
      targets: [{ bind: () => ({ arn: this.function.functionArn, retryPolicy: { maximumRetryAttempts: 0 } }) }],
    });
    this.allowSchedules();
    this.rule.node.addDependency(this.function);
  }

  /** Any of the account, and not the one rule: a permission with the rule's ARN is created after the rule. */
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
