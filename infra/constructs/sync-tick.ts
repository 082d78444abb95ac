import { Duration, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type DeployedSync, syncVariables } from '../../lib/definitions/index.ts';
import { syncRequested } from '../../lib/sync/events.ts';
import { SYNC_INDEX, SYNC_TABLE_NAME } from '../../lib/sync/table.ts';
import { ownEntry } from '../project.ts';
import type { IEventHub } from './event-hub-base.ts';
import { grantIndexes } from './grantee.ts';
import { WaybillFunction } from './waybill-function.ts';

/** The shortest interval of a provider. */
const EVERY = Duration.minutes(1);

/** Shorter than the interval, so that ticks rarely overlap. An overlap is harmless. */
const TIMEOUT = Duration.seconds(55);

/** The name of a sync's tick in logs and metrics. */
export const tickService = ({ name }: DeployedSync): string => `sync-${name}-tick`;

export interface SyncTickProps {
  readonly hub: IEventHub;
  readonly sync: DeployedSync;
  readonly table: ITable;
}

/** Asks each minute for the runs of a sync that are due, of all tenants: one rule and one function per sync. */
export class SyncTick extends Construct {
  readonly function: WaybillFunction;
  /** On the default bus, because scheduled rules only work there. */
  readonly rule: Rule;

  constructor(scope: Construct, id: string, { hub, sync, table }: SyncTickProps) {
    super(scope, id);
    const { settings } = hub;
    this.function = new WaybillFunction(this, 'Function', {
      entry: ownEntry('sync-tick'),
      serviceName: tickService(sync),
      eventStreams: false,
      // it looks for what is due for all tenants
      worksAcrossTenants: true,
      alarms: [],
      settings,
      follows: hub.environmentName,
      timeout: TIMEOUT,
      description: `Waybill: asks for the runs of the sync '${sync.name}' that are due`,
    });
    for (const [name, value] of Object.entries(syncVariables(sync))) this.function.addEnvironment(name, value);
    // no retry: the next tick does the same work
    this.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: EVERY });
    this.function.useTable(table, SYNC_TABLE_NAME, ['GetItem', 'PutItem']);
    grantIndexes(this.function, table, [SYNC_INDEX.byDue]);
    hub.grantPublish(this.function, [syncRequested(sync)]);
    this.rule = new Rule(this, 'Schedule', {
      description: `Waybill: schedule of the sync '${sync.name}'`,
      schedule: Schedule.rate(EVERY),
      targets: [{ bind: () => ({ arn: this.function.functionArn, retryPolicy: { maximumRetryAttempts: 0 } }) }],
    });
    // of all rules of the account: a permission with the rule's ARN could only be created after the rule
    this.function.addPermission('AllowSchedules', {
      principal: new ServicePrincipal('events.amazonaws.com'),
      sourceArn: Stack.of(this).formatArn({ service: 'events', resource: 'rule', resourceName: '*' }),
    });
    this.rule.node.addDependency(this.function);
  }
}
