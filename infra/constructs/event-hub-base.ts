import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct, type IConstruct } from 'constructs';
import { type Claim, claimOf, ENV, type EventDefinition, type Subscription } from '../../lib/definitions/index.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { assertGivenAt, assertPropsAt } from './assert-props.ts';
import { grantItems, nameOf, producerOf, publisherProblems, setVariables } from './grantee.ts';
import { createTopology, type Topology } from './topology.ts';
import type { WaybillFunction } from './waybill-function.ts';

/** The parts of a hub that services need, whether this app deploys it or another one. */
export interface IEventHub extends IConstruct {
  readonly settings: EnvironmentSettings;
  readonly environmentName: string;
  readonly bus: IEventBus;
  /** The log of all events. */
  readonly outboxTable: ITable;
  readonly pendingTable: ITable;
  readonly inboxTable: ITable;
  /** Per strict consumer and group: the progress, and the blocking event. */
  readonly cursorsTable: ITable;

  /**
   * Lets compute publish through the outbox: it gets the actions of an outbox transaction (heads are read and updated,
   * events and markers put; no queries, no scans, no deletes). A function gets the variables of `publisherEnvironment`
   * as well. Other compute gets them where it is defined:
   *
   * ```ts
   * hub.grantPublish(task.taskRole, [OrderPlaced]);
   * task.addContainer('App', { image, environment: hub.publisherEnvironment() });
   * ```
   *
   * @param publisher a function of any kind, an instance, or a role: of a task, or an imported one
   * @param events the events that it publishes, so that synth can warn about subscriptions to events without a producer
   * A role that was imported with `mutable: false` gets a warning (`waybill:grant-not-added`) with what to attach by hand.
   * @throws WiringError `WIRING_INVALID` for a publisher of another account or region, and for one without a role to
   * which this app can add rights
   */
  grantPublish(publisher: IGrantable, events: readonly EventDefinition[]): Grant;

  /** The environment variables that `createProducerRuntime(process.env)` needs. */
  publisherEnvironment(): Record<string, string>;

  /** Sets the variables of the outbox, without grants: every consumer's code reads them. */
  nameOutbox(reader: WaybillFunction): void;

  /**
   * Grants access to items whose key starts with the consumer's name, and tells the function when to claim an event.
   * The rights are the same for both claims, so that no deployment between them meets a missing grant. GetItem is needed to
   * look up handled events and failure notes. A strict consumer also needs `grantOrder`.
   * @param claim when the consumer claims an event. @default - as the subscription says, else `commit`
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
   */
  grantInbox(consumer: WaybillFunction, subscription: Subscription, claim?: Claim): Grant;

  /** Grants a strict consumer its cursors, and read access to the log for events without a message. */
  grantOrder(consumer: WaybillFunction, subscription: Subscription): Grant;

  /**
   * Takes a subscription's name: two consumers of one name would share their inbox records, and each miss events. At
   * synth, what it takes must be published by somebody, if the hub is this app's.
   * @returns the problem if another consumer of the app has the name
   */
  registerConsumer(subscription: Subscription, consumer: Construct): string | undefined;

  /**
   * Declares what a producer publishes. `grantPublish` does so by itself: this is for a producer that gets its rights
   * elsewhere, such as one of another app.
   * @param producer the construct for the warning about an event without a consumer
   */
  registerProducer(producer: IConstruct, events: readonly EventDefinition[]): void;
}

/** Shared by a hub of this app and an imported one: the grants, and the checks of consumers and producers. */
export abstract class EventHubBase extends Construct implements IEventHub {
  abstract readonly settings: EnvironmentSettings;
  abstract readonly environmentName: string;
  abstract readonly bus: IEventBus;
  abstract readonly outboxTable: ITable;
  abstract readonly pendingTable: ITable;
  abstract readonly inboxTable: ITable;
  abstract readonly cursorsTable: ITable;
  /** Who publishes and who subscribes to which events in this app. */
  readonly topology: Topology;
  /** Functions with grants for a consumer's cursors. */
  private readonly ordered = new Set<WaybillFunction>();

  /** @param topology of another construct for the same hub @default - one of its own */
  constructor(scope: Construct, id: string, topology: Topology = createTopology()) {
    super(scope, id);
    this.topology = topology;
  }

  grantPublish(publisher: IGrantable, events: readonly EventDefinition[]): Grant {
    assertGivenAt('grantPublish of', this.node.path, { publisher, events }, 'publisher', 'events');
    assertPropsAt('grantPublish to', nameOf(publisher), publisherProblems(publisher, this));
    this.registerProducer(producerOf(publisher, this), events);
    setVariables(publisher, this.publisherEnvironment(), 'hub.publisherEnvironment()');
    return grantItems(publisher, this.outboxTable, ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem']).combine(
      grantItems(publisher, this.pendingTable, ['PutItem']),
    );
  }

  publisherEnvironment(): Record<string, string> {
    const { eventIndexes = 'none' } = this.settings;
    const retention = Duration.days(this.settings.outboxRetentionDays);
    return {
      [ENV.outboxRetentionSeconds]: String(retention.toSeconds()),
      [ENV.outboxTableName]: this.outboxTable.tableName,
      [ENV.pendingTableName]: this.pendingTable.tableName,
      [ENV.tenancy]: this.settings.tenancy,
      ...(this.settings.compressEvents === true && { [ENV.compressEvents]: 'true' }),
      ...(eventIndexes !== 'none' && { [ENV.eventIndexes]: eventIndexes }),
    };
  }

  nameOutbox(reader: WaybillFunction): void {
    setVariables(reader, this.publisherEnvironment(), 'hub.publisherEnvironment()');
  }

  grantInbox(consumer: WaybillFunction, subscription: Subscription, claim: Claim = claimOf(subscription)): Grant {
    consumer.node.addValidation({ validate: () => this.orderProblems(consumer, subscription) });
    const expiry = Duration.days(this.settings.inboxExpiryDays);
    consumer.addEnvironment(ENV.inboxTableName, this.inboxTable.tableName);
    consumer.addEnvironment(ENV.inboxExpirySeconds, String(expiry.toSeconds()));
    consumer.addEnvironment(ENV.claim, claim);
    return this.grantOwnItems(consumer, subscription, this.inboxTable, ['GetItem', 'PutItem', 'UpdateItem']);
  }

  grantOrder(consumer: WaybillFunction, subscription: Subscription): Grant {
    this.ordered.add(consumer);
    consumer.addEnvironment(ENV.cursorsTableName, this.cursorsTable.tableName);
    return this.grantOwnItems(consumer, subscription, this.cursorsTable, ['BatchGetItem', 'PutItem']).combine(
      consumer.useTable(this.outboxTable, ENV.outboxTableName, ['Query']),
    );
  }

  registerConsumer(subscription: Subscription, consumer: Construct): string | undefined {
    return this.topology.addConsumer(subscription, consumer);
  }

  registerProducer(producer: IConstruct, events: readonly EventDefinition[]): void {
    assertGivenAt('registerProducer of', this.node.path, { events }, 'events');
    this.topology.addProducer(producer, events);
  }

  /** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html */
  private grantOwnItems(
    consumer: WaybillFunction,
    { name }: Subscription,
    table: ITable,
    actions: readonly string[],
  ): Grant {
    return Grant.addToPrincipal({
      grantee: consumer,
      actions: actions.map((action) => `dynamodb:${action}`),
      resourceArns: [table.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${name}#*`] } },
    });
  }

  private orderProblems(consumer: WaybillFunction, { name, ordering }: Subscription): string[] {
    if (ordering !== 'strict' || this.ordered.has(consumer)) return [];
    return [
      `the function of subscription '${name}' must read the log because ordering is 'strict', got no grant: call hub.grantOrder(function, subscription), use an EventConsumer, or choose ordering 'fifo'`,
    ];
  }
}
