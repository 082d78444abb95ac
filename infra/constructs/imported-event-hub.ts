import { Annotations, Aspects, Token } from 'aws-cdk-lib';
import { type ITable, Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import type { Construct, IConstruct } from 'constructs';
import type { EnvironmentSettings } from '../settings.ts';
import { assertProps } from './assert-props.ts';
import { starvedRelay } from './concurrency.ts';
import { EventHubBase } from './event-hub-base.ts';
import { arnProblems, type HubDescriptor } from './hub-descriptor.ts';
import { isSamePlace } from './place-checks.ts';
import { ruleProblems } from './rule-checks.ts';

/** A hub that another app deploys. Its bus policy, its alarms and its retention are that app's. */
export class ImportedEventHub extends EventHubBase {
  readonly settings: EnvironmentSettings;
  readonly environmentName: string;
  readonly bus: IEventBus;
  readonly outboxTable: ITable;
  readonly pendingTable: ITable;
  readonly inboxTable: ITable;
  readonly cursorsTable: ITable;

  /** @throws WiringError `WIRING_INVALID` for ARNs that are none, or of another account or region than the stack's */
  constructor(scope: Construct, id: string, descriptor: HubDescriptor) {
    const others = importsOf(scope, descriptor.environmentName);
    // consumers in all stacks of the app have names of their own
    super(scope, id, others[0]?.topology);
    assertProps(this, [...arnProblems(this, descriptor), ...others.map((other) => differenceFrom(other, descriptor))]);
    this.settings = descriptor.settings;
    this.environmentName = descriptor.environmentName;
    this.bus = EventBus.fromEventBusArn(this, 'Bus', descriptor.busArn);
    this.outboxTable = Table.fromTableArn(this, 'Outbox', descriptor.outboxTableArn);
    this.pendingTable = Table.fromTableArn(this, 'Pending', descriptor.pendingTableArn);
    this.inboxTable = Table.fromTableArn(this, 'Inbox', descriptor.inboxTableArn);
    this.cursorsTable = Table.fromTableArn(this, 'Cursors', descriptor.cursorsTableArn);
    this.node.addValidation({ validate: () => [...ruleProblems(this.bus)] });
    Aspects.of(this).add({ visit: (node) => (node === this ? this.warnWhenComplete() : undefined) });
  }

  private warnWhenComplete(): void {
    const starved = starvedRelay(this, this.settings);
    if (starved !== undefined) Annotations.of(this).addWarningV2('waybill:relay-may-starve', starved);
  }
}

/** How the app has imported the same hub so far: once for each of its stacks, perhaps. */
const importsOf = (scope: IConstruct, environmentName: string): readonly ImportedEventHub[] =>
  scope.node.root.node
    .findAll()
    .filter(
      (each): each is ImportedEventHub =>
        each instanceof ImportedEventHub && each.environmentName === environmentName && isSamePlace(each, scope),
    );

/** Names differ where one of them is a hub that has been replaced, or another one. */
function differenceFrom(
  { node, bus }: ImportedEventHub,
  { environmentName, busArn }: HubDescriptor,
): string | undefined {
  if (Token.isUnresolved(busArn) || Token.isUnresolved(bus.eventBusArn) || bus.eventBusArn === busArn) return undefined;
  return `busArn must be that of '${node.path}', ${bus.eventBusArn}, which has the same environmentName '${environmentName}', got ${busArn}: an environment has one hub`;
}
