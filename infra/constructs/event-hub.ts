import { Annotations, Aspects, Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Archive, EventBus } from 'aws-cdk-lib/aws-events';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import {
  CURSORS_TABLE,
  ENV,
  type EventDefinition,
  INBOX_TABLE,
  OUTBOX_TABLE,
  PENDING_TABLE,
  type Subscription,
} from '../../lib/definitions/index.ts';
import { projectPath } from '../project.ts';
import { type EnvironmentSettings, longestWayDays } from '../settings.ts';
import { assertProps, assertPropsAt, durationOutOfRange, noSuchFile, outOfRange } from './assert-props.ts';
import { denyPutEventsBut } from './bus-policy.ts';
import { starvedRelay } from './concurrency.ts';
import { EVENTS_OF_THE_OUTBOX } from './event-pattern.ts';
import { addHubAlarms } from './hub-alarms.ts';
import { neighbourProblems } from './hub-neighbours.ts';
import { addHubOutputs } from './hub-outputs.ts';
import { placeProblem } from './place-checks.ts';
import { Relay } from './relay.ts';
import { ruleProblems } from './rule-checks.ts';
import { Sweeper } from './sweeper.ts';
import { tableFrom } from './table-from.ts';
import { createTopology } from './topology.ts';
import type { WaybillFunction } from './waybill-function.ts';

const RELAY_ENTRY = 'functions/relay/index.ts';
const SWEEPER_ENTRY = 'functions/sweeper/index.ts';
const DEFAULT_ENVIRONMENT_NAME = 'default';
const DEFAULT_RELAY_BATCHING_WINDOW = Duration.seconds(0);

export interface EventHubProps {
  /** The environment's settings, from `parseSettings` or `selectEnvironment`; its consumers share them. */
  readonly settings: EnvironmentSettings;
  /**
   * What operators' tools call the environment: hubs of one account and region need different names. @default 'default'
   */
  readonly environmentName?: string;
  /** The relay's composition root, from the project's root. @default 'functions/relay/index.ts' */
  readonly relayEntry?: string;
  /**
   * How long the relay's mapping gathers records before it calls: whole seconds from 0 to 300. Each second makes every
   * event up to a second later and saves calls; at 0, Lambda's own polling, four times a second, gathers too.
   * @default 0 seconds
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
   */
  readonly relayBatchingWindow?: Duration;
}

/**
 * What all services of an environment share: the outbox log, relay and sweeper, the bus with its archive, the inbox.
 *
 * @example
 * const hub = new EventHub(this, 'Hub', { settings });
 * hub.grantPublish(placeOrder, [OrderPlaced]);
 */
export class EventHub extends Construct {
  readonly settings: EnvironmentSettings;
  readonly environmentName: string;
  readonly bus: EventBus;
  /** Keeps every event that came from the outbox; the bus never archives a replayed one again. */
  readonly archive: Archive;
  readonly outboxTable: Table;
  readonly pendingTable: Table;
  readonly inboxTable: Table;
  /** Per strict consumer and group: how far it has come, and what it waits for. */
  readonly cursorsTable: Table;
  readonly relay: Relay;
  readonly sweeper: Sweeper;
  private readonly topology = createTopology();
  /** Functions that may keep the order of a consumer's groups. */
  private readonly ordered = new Set<WaybillFunction>();

  constructor(scope: Construct, id: string, props: EventHubProps) {
    super(scope, id);
    const { settings, environmentName = DEFAULT_ENVIRONMENT_NAME, relayEntry = RELAY_ENTRY } = props;
    const way = longestWayDays(settings.queueRetentionDays);
    const outlast = { min: way, max: 3650, unit: 'days', fix: 'it must outlast the queue and the dead-letter queue' };
    assertProps(this, [
      noSuchFile('relayEntry', relayEntry, projectPath(relayEntry)),
      durationOutOfRange('relayBatchingWindow', props.relayBatchingWindow, { min: 0, max: 300 }),
      outOfRange('settings.outboxRetentionDays', settings.outboxRetentionDays, outlast),
      outOfRange('settings.inboxExpiryDays', settings.inboxExpiryDays, outlast),
      ...neighbourProblems(this, { environmentName, settings }, hubsOf(this)),
    ]);
    this.warnOf(settings);

    this.settings = settings;
    this.environmentName = environmentName;
    this.bus = new EventBus(this, 'Bus', { description: 'Waybill: events on their way to their consumers' });
    this.archive = new Archive(this, 'Archive', {
      sourceEventBus: this.bus,
      eventPattern: EVENTS_OF_THE_OUTBOX,
      retention: Duration.days(settings.archiveRetentionDays),
    });
    this.outboxTable = tableFrom(this, 'Outbox', OUTBOX_TABLE, settings);
    this.pendingTable = tableFrom(this, 'Pending', PENDING_TABLE, settings);
    this.inboxTable = tableFrom(this, 'Inbox', INBOX_TABLE, settings);
    this.cursorsTable = tableFrom(this, 'Cursors', CURSORS_TABLE, settings);
    this.relay = new Relay(this, 'Relay', {
      entry: relayEntry,
      settings,
      outboxTable: this.outboxTable,
      pendingTable: this.pendingTable,
      bus: this.bus,
      maxBatchingWindow: props.relayBatchingWindow ?? DEFAULT_RELAY_BATCHING_WINDOW,
    });
    this.sweeper = new Sweeper(this, 'Sweeper', {
      entry: SWEEPER_ENTRY,
      settings,
      outboxTable: this.outboxTable,
      pendingTable: this.pendingTable,
      cursorsTable: this.cursorsTable,
      bus: this.bus,
    });
    denyPutEventsBut(this.bus, [this.relay.function.executionRole, this.sweeper.function.executionRole]);
    addHubAlarms(this);
    addHubOutputs(this);
    this.node.addValidation({ validate: () => [...ruleProblems(this.bus)] });
    // when all have declared themselves; a warning in a validation would come too late for the report
    Aspects.of(this).add({ visit: (node) => (node === this ? this.warnWhenComplete() : undefined) });
  }

  /**
   * Lets a function publish through the outbox: the variables that it reads, and the actions of an outbox transaction
   * (heads are read and updated, events and markers put). No queries, no scans, no deletes.
   * @param events the events that it publishes, so that synth can warn about subscriptions to events without a producer
   * @throws WiringError `WIRING_INVALID` for a function of another account or region
   */
  grantPublish(publisher: WaybillFunction, events: readonly EventDefinition[]): Grant {
    assertPropsAt('grantPublish to', publisher.node.path, [
      placeProblem('the stack of a function that publishes', publisher, this, 'a transaction stays in one region'),
    ]);
    this.registerProducer(publisher, events);
    this.nameOutbox(publisher);
    return publisher
      .useTable(this.outboxTable, ENV.outboxTableName, ['GetItem', 'PutItem', 'UpdateItem'])
      .combine(publisher.useTable(this.pendingTable, ENV.pendingTableName, ['PutItem']));
  }

  /** Tells a function where the outbox is, and grants nothing: the code of a consumer reads the names in any case. */
  nameOutbox(reader: WaybillFunction): void {
    const retention = Duration.days(this.settings.outboxRetentionDays);
    reader.addEnvironment(ENV.outboxRetentionSeconds, String(retention.toSeconds()));
    reader.addEnvironment(ENV.outboxTableName, this.outboxTable.tableName);
    reader.addEnvironment(ENV.pendingTableName, this.pendingTable.tableName);
  }

  /**
   * Gives a consumer its part of the inbox, the items whose key starts with its name, and what it finds them by. There
   * is GetItem for what the cursor is past and for what was noted of earlier failures; to claim an event needs none,
   * since
   * a record that is there already comes with the refusal to write it. A strict consumer needs `grantOrder` as well.
   * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
   */
  grantInbox(consumer: WaybillFunction, subscription: Subscription): Grant {
    consumer.node.addValidation({ validate: () => this.orderProblems(consumer, subscription) });
    const expiry = Duration.days(this.settings.inboxExpiryDays);
    consumer.addEnvironment(ENV.inboxTableName, this.inboxTable.tableName);
    consumer.addEnvironment(ENV.inboxExpirySeconds, String(expiry.toSeconds()));
    return this.grantOwnItems(consumer, subscription, this.inboxTable, [
      'GetItem',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
    ]);
  }

  /**
   * Gives a strict consumer its cursors, and lets it read the log: what has not arrived is taken from there.
   */
  grantOrder(consumer: WaybillFunction, subscription: Subscription): Grant {
    this.ordered.add(consumer);
    consumer.addEnvironment(ENV.cursorsTableName, this.cursorsTable.tableName);
    return this.grantOwnItems(consumer, subscription, this.cursorsTable, ['BatchGetItem', 'PutItem']).combine(
      consumer.useTable(this.outboxTable, ENV.outboxTableName, ['Query']),
    );
  }

  /** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html */
  private grantOwnItems(
    consumer: WaybillFunction,
    { name }: Subscription,
    table: Table,
    actions: readonly string[],
  ): Grant {
    return Grant.addToPrincipal({
      grantee: consumer,
      actions: actions.map((action) => `dynamodb:${action}`),
      resourceArns: [table.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${name}#*`] } },
    });
  }

  /**
   * Takes a subscription's name: two consumers of one name would share their inbox records, and each miss events. At
   * synth, what it takes must be published by somebody.
   * @returns the problem if another consumer has the name
   */
  registerConsumer(subscription: Subscription, consumer: Construct): string | undefined {
    const problem = this.topology.addConsumer(subscription, consumer);
    consumer.node.addValidation({ validate: () => [...this.topology.unpublishedIn(subscription)] });
    return problem;
  }

  /**
   * Declares what a producer publishes. `grantPublish` does so by itself: this is for a producer that gets its rights
   * elsewhere, such as one of another app.
   * @param producer the construct for the warning about an event without a consumer
   */
  registerProducer(producer: Construct, events: readonly EventDefinition[]): void {
    this.topology.addProducer(producer, events);
  }

  private orderProblems(consumer: WaybillFunction, { name, ordering }: Subscription): string[] {
    if (ordering !== 'strict' || this.ordered.has(consumer)) return [];
    return [
      `the function of subscription '${name}' must read the log, since ordering is 'strict', got no grant: call hub.grantOrder(function, subscription), leave it to an EventConsumer, or choose ordering 'fifo'`,
    ];
  }

  private warnWhenComplete(): void {
    for (const { producer, message } of this.topology.unsubscribed()) {
      Annotations.of(producer).addWarningV2('waybill:event-without-subscriber', message);
    }
    const starved = starvedRelay(this.node.root, this.settings);
    if (starved !== undefined) Annotations.of(this).addWarningV2('waybill:relay-may-starve', starved);
  }

  private warnOf(settings: EnvironmentSettings): void {
    const { archiveRetentionDays, inboxExpiryDays, outboxRetentionDays, alarmsEnabled, alarmTopicArn } = settings;
    if (outboxRetentionDays > inboxExpiryDays) {
      Annotations.of(this).addWarningV2(
        'waybill:outbox-outlives-inbox',
        `outboxRetentionDays ${outboxRetentionDays} exceeds inboxExpiryDays ${inboxExpiryDays}: a group whose cursor has expired, or whose consumer was 'fifo', begins where the inbox can still answer, and steps over older events that the log still holds; keep the inbox as long as the outbox, or longer`,
      );
    }
    if (archiveRetentionDays > inboxExpiryDays) {
      Annotations.of(this).addWarningV2(
        'waybill:archive-outlives-inbox',
        `archiveRetentionDays ${archiveRetentionDays} exceeds inboxExpiryDays ${inboxExpiryDays}: a replay of older events repeats their effects; keep the archive as long as the inbox, or shorter`,
      );
    }
    if (alarmsEnabled && alarmTopicArn === undefined) {
      Annotations.of(this).addWarningV2(
        'waybill:alarms-without-topic',
        'alarmsEnabled is true without alarmTopicArn: alarms send no notifications; set alarmTopicArn to an SNS topic',
      );
    }
  }
}

/** The other hubs of the app. */
const hubsOf = (hub: EventHub): readonly EventHub[] =>
  hub.node.root.node.findAll().filter((each): each is EventHub => each instanceof EventHub && each !== hub);
