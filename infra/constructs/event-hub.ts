import { Annotations, Aspects, Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Archive, EventBus } from 'aws-cdk-lib/aws-events';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import {
  CURSORS_TABLE,
  ENVIRONMENT_NAME_PATTERN,
  hubParameterName,
  INBOX_TABLE,
  OPERATOR_TABLE,
  outboxTableWith,
  PENDING_TABLE,
  type Subscription,
} from '../../lib/definitions/index.ts';
import { entryPath, ownEntry } from '../project.ts';
import { type EnvironmentSettings, longestWayDays } from '../settings.ts';
import {
  assertGiven,
  assertGivenAt,
  assertProps,
  assertPropsAt,
  durationOutOfRange,
  noSuchFile,
  outOfRange,
} from './assert-props.ts';
import { denyPutEventsBut } from './bus-policy.ts';
import { starvedRelay } from './concurrency.ts';
import { EventHubBase, type IEventHub } from './event-hub-base.ts';
import { EVENTS_OF_THE_OUTBOX } from './event-pattern.ts';
import { addHubAlarms } from './hub-alarms.ts';
import { descriptorProblem, HUB_ARNS, type HubArns, type HubDescriptor, writeDescriptor } from './hub-descriptor.ts';
import { lookUpHub, type ServiceSettings, withServiceSettings } from './hub-lookup.ts';
import { neighbourProblems } from './hub-neighbours.ts';
import { addHubOutputs } from './hub-outputs.ts';
import { ImportedEventHub } from './imported-event-hub.ts';
import { isSamePlace } from './place-checks.ts';
import { Reconciler } from './reconciler.ts';
import { Relay } from './relay.ts';
import { ruleProblems } from './rule-checks.ts';
import { Sweeper } from './sweeper.ts';
import { tableFrom } from './table-from.ts';

const DEFAULT_ENVIRONMENT_NAME = 'default';
const DEFAULT_RELAY_BATCHING_WINDOW = Duration.seconds(0);
const DEFAULT_RECONCILE_WITHIN = Duration.days(1);

export interface EventHubProps {
  /** The environment's settings, from `parseSettings` or `selectEnvironment`; its consumers share them. */
  readonly settings: EnvironmentSettings;
  /**
   * Name of the environment for operators' tools: 1 to 64 letters, digits, '-', '_' and '.'. Hubs of one account and
   * region need different names. @default 'default'
   */
  readonly environmentName?: string;
  /** A relay of your own: its composition root, from the folder of cdk.json. @default - Waybill's */
  readonly relayEntry?: string;
  /**
   * How long the relay's mapping gathers records before it calls: whole seconds from 0 to 300. Each second makes every
   * event up to a second later and saves calls; at 0, Lambda's own polling, four times a second, gathers too.
   * @default 0 seconds
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
   */
  readonly relayBatchingWindow?: Duration;
  /**
   * Whether a scheduled function compares the log with all consumers, and reports what is lost. It costs some 2 to 5 USD a
   * month for a million stored events (docs/performance.md); without it, only `waybill reconcile run` looks.
   * @default true
   */
  readonly reconciliation?: boolean;
  /**
   * Within which time each event is reconciled: 1 hour to 7 days. Reads, and their cost, grow as it shrinks.
   * @default 1 day
   */
  readonly reconcileWithin?: Duration;
}

export interface EventHubLookup {
  /** As the hub's app calls it. @default 'default' */
  readonly environmentName?: string;
  /** What the consumers of this app have differently from the hub: nothing that concerns the hub itself. @default - as the hub */
  readonly settings?: ServiceSettings;
}

export interface EventHubAttributes extends HubArns {
  /** As the hub's app calls it: operators' tools find the consumers by it. @default 'default' */
  readonly environmentName?: string;
  /** Those with which the hub is deployed: `defineSettings` of both apps from one place. */
  readonly settings: EnvironmentSettings;
}

/**
 * What all services of an environment share: the outbox log, relay and sweeper, the bus with its archive, the inbox.
 *
 * @example
 * const hub = new EventHub(this, 'Hub', { settings });
 * hub.grantPublish(placeOrder, [OrderPlaced]);
 */
export class EventHub extends EventHubBase {
  readonly settings: EnvironmentSettings;
  readonly environmentName: string;
  readonly bus: EventBus;
  /** Archives every event from the outbox. EventBridge does not archive replayed events again. */
  readonly archive: Archive;
  readonly outboxTable: Table;
  readonly pendingTable: Table;
  readonly inboxTable: Table;
  /** Per strict consumer and group: the progress, and the blocking event. */
  readonly cursorsTable: Table;
  /** What operators do with `npx waybill`: runs, and who did what, when and why. No function of the app uses it. */
  readonly operatorTable: Table;
  readonly relay: Relay;
  readonly sweeper: Sweeper;
  /** Undefined if `reconciliation` is false. */
  readonly reconciler: Reconciler | undefined;
  /** Within which time each event is reconciled. */
  readonly reconcileWithin: Duration;

  /**
   * A hub that another app has deployed in the account and region of this stack. Its parameter is read at synth and
   * remembered in cdk.context.json: after a change of the hub's settings, `cdk context --reset` its key.
   *
   * The checks of synth hold as for a hub of this app, but that what is taken must be published, and what is published
   * must be taken: other apps may do so.
   *
   * @throws WiringError `WIRING_INVALID` for a stack whose env does not say account and region, and for a hub of a format
   * that this version does not read
   *
   * @example
   * const hub = EventHub.fromLookup(this, 'Hub', { environmentName: 'prod' });
   * new EventConsumer(this, 'Billing', { hub, subscription: billing, entry: 'functions/billing/index.ts' });
   */
  static fromLookup(scope: Construct, id: string, props: EventHubLookup = {}): IEventHub {
    const { environmentName = DEFAULT_ENVIRONMENT_NAME, settings } = props;
    assertPropsAt('EventHub.fromLookup', `${scope.node.path}/${id}`, [environmentNameProblem(environmentName)]);
    return join(scope, id, lookUpHub(scope, id, environmentName), settings);
  }

  /**
   * As `fromLookup`, with what the parameter would tell. ARNs may be known at deployment only.
   * @throws WiringError `WIRING_INVALID` for ARNs that are none, or of another account or region than the stack's
   *
   * @example
   * const hub = EventHub.fromAttributes(this, 'Hub', {
   *   environmentName: 'prod',
   *   settings,
   *   busArn: Fn.importValue('HubBusArn'),
   *   outboxTableArn: Fn.importValue('HubOutboxTableArn'),
   *   pendingTableArn: Fn.importValue('HubPendingTableArn'),
   *   inboxTableArn: Fn.importValue('HubInboxTableArn'),
   *   cursorsTableArn: Fn.importValue('HubCursorsTableArn'),
   * });
   */
  static fromAttributes(scope: Construct, id: string, attributes: EventHubAttributes): IEventHub {
    assertGivenAt('EventHub.fromAttributes', `${scope.node.path}/${id}`, attributes, 'settings', ...HUB_ARNS);
    const { environmentName = DEFAULT_ENVIRONMENT_NAME } = attributes;
    return join(scope, id, { ...attributes, environmentName });
  }

  constructor(scope: Construct, id: string, props: EventHubProps) {
    super(scope, id);
    assertGiven(this, props, 'settings');
    const { settings, environmentName = DEFAULT_ENVIRONMENT_NAME, relayEntry = ownEntry('relay') } = props;
    const way = longestWayDays(settings.queueRetentionDays);
    const outlast = { min: way, max: 3650, unit: 'days', fix: 'it must outlast the queue and the dead-letter queue' };
    assertProps(this, [
      noSuchFile('relayEntry', relayEntry, entryPath(relayEntry)),
      environmentNameProblem(environmentName),
      descriptorProblem({ environmentName, settings }),
      durationOutOfRange('relayBatchingWindow', props.relayBatchingWindow, { min: 0, max: 300 }),
      durationOutOfRange('reconcileWithin', props.reconcileWithin, { min: 3_600, max: 7 * 86_400 }),
      props.reconciliation === false && props.reconcileWithin !== undefined
        ? 'reconcileWithin needs reconciliation, got false: remove one of them'
        : undefined,
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
    this.outboxTable = tableFrom(this, 'Outbox', outboxTableWith(settings.eventIndexes ?? 'none'), settings);
    this.pendingTable = tableFrom(this, 'Pending', PENDING_TABLE, settings);
    this.inboxTable = tableFrom(this, 'Inbox', INBOX_TABLE, settings);
    this.cursorsTable = tableFrom(this, 'Cursors', CURSORS_TABLE, settings);
    this.operatorTable = tableFrom(this, 'Operator', OPERATOR_TABLE, settings);
    this.relay = new Relay(this, 'Relay', {
      entry: relayEntry,
      settings,
      environmentName,
      outboxTable: this.outboxTable,
      pendingTable: this.pendingTable,
      bus: this.bus,
      maxBatchingWindow: props.relayBatchingWindow ?? DEFAULT_RELAY_BATCHING_WINDOW,
    });
    this.sweeper = new Sweeper(this, 'Sweeper', {
      entry: ownEntry('sweeper'),
      settings,
      environmentName,
      outboxTable: this.outboxTable,
      pendingTable: this.pendingTable,
      cursorsTable: this.cursorsTable,
      operatorTable: this.operatorTable,
      bus: this.bus,
    });
    this.reconcileWithin = props.reconcileWithin ?? DEFAULT_RECONCILE_WITHIN;
    this.reconciler =
      props.reconciliation === false
        ? undefined
        : new Reconciler(this, 'Reconciler', {
            entry: ownEntry('reconciler'),
            settings,
            environmentName,
            within: this.reconcileWithin,
            outboxTable: this.outboxTable,
            pendingTable: this.pendingTable,
            inboxTable: this.inboxTable,
            cursorsTable: this.cursorsTable,
          });
    denyPutEventsBut(this.bus, [this.relay.function.executionRole, this.sweeper.function.executionRole]);
    addHubAlarms(this);
    addHubOutputs(this);
    this.describe();
    this.node.addValidation({ validate: () => [...ruleProblems(this.bus)] });
    // after all declarations; a warning from a validation would be too late for the report
    Aspects.of(this).add({ visit: (node) => (node === this ? this.warnWhenComplete() : undefined) });
  }

  override registerConsumer(subscription: Subscription, consumer: Construct): string | undefined {
    consumer.node.addValidation({ validate: () => [...this.topology.unpublishedIn(subscription)] });
    return super.registerConsumer(subscription, consumer);
  }

  /** For services of other apps. Its name is the same after any change, so that they find it. */
  private describe(): void {
    new StringParameter(this, 'Descriptor', {
      parameterName: hubParameterName(this.environmentName),
      description: 'Waybill: what services of other apps need of this hub (EventHub.fromLookup)',
      stringValue: writeDescriptor(this, {
        environmentName: this.environmentName,
        settings: this.settings,
        busArn: this.bus.eventBusArn,
        outboxTableArn: this.outboxTable.tableArn,
        pendingTableArn: this.pendingTable.tableArn,
        inboxTableArn: this.inboxTable.tableArn,
        cursorsTableArn: this.cursorsTable.tableArn,
      }),
    });
  }

  private warnWhenComplete(): void {
    for (const { producer, message } of this.topology.unsubscribed()) {
      Annotations.of(producer).addWarningV2('waybill:event-without-subscriber', message);
    }
    const starved = starvedRelay(this, this.settings);
    if (starved !== undefined) Annotations.of(this).addWarningV2('waybill:relay-may-starve', starved);
  }

  private warnOf(settings: EnvironmentSettings): void {
    const { archiveRetentionDays, inboxExpiryDays, outboxRetentionDays, alarmsEnabled, alarmTopicArn } = settings;
    if (outboxRetentionDays > inboxExpiryDays) {
      Annotations.of(this).addWarningV2(
        'waybill:outbox-outlives-inbox',
        `outboxRetentionDays ${outboxRetentionDays} exceeds inboxExpiryDays ${inboxExpiryDays}: a group whose cursor has expired, or whose consumer was 'fifo', starts at the oldest event that the inbox can still know, and steps over older events in the log; keep the inbox at least as long as the outbox`,
      );
    }
    if (archiveRetentionDays > inboxExpiryDays) {
      Annotations.of(this).addWarningV2(
        'waybill:archive-outlives-inbox',
        `archiveRetentionDays ${archiveRetentionDays} exceeds inboxExpiryDays ${inboxExpiryDays}: a replay of older events repeats their effects; keep the archive at most as long as the inbox`,
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

/** It is a level of the settings parameter's name. */
const environmentNameProblem = (environmentName: string): string | undefined =>
  ENVIRONMENT_NAME_PATTERN.test(environmentName)
    ? undefined
    : `environmentName must be 1 to 64 letters, digits, '-', '_' and '.', got '${environmentName}': the name of the settings parameter is made from it`;

function join(scope: Construct, id: string, hub: HubDescriptor, settings?: ServiceSettings): IEventHub {
  const path = `${scope.node.path}/${id}`;
  const own = hubsIn(scope).find((each) => each.environmentName === hub.environmentName && isSamePlace(each, scope));
  assertPropsAt('EventHub', path, [
    own === undefined
      ? undefined
      : `environmentName must be that of a hub of another app, got '${hub.environmentName}', which this app's '${own.node.path}' has: pass that one on`,
  ]);
  return new ImportedEventHub(scope, id, withServiceSettings(path, hub, settings));
}

/** The other hubs of the app. */
const hubsOf = (hub: EventHub): readonly EventHub[] => hubsIn(hub).filter((each) => each !== hub);

const hubsIn = (scope: Construct): readonly EventHub[] =>
  scope.node.root.node.findAll().filter((each): each is EventHub => each instanceof EventHub);
