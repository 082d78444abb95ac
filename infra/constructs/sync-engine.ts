import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { type DeployedSync, type EventDefinition, syncVariables } from '../../lib/definitions/index.ts';
import { syncContinued, syncDiverged, syncRequested, syncSubscription } from '../../lib/sync/events.ts';
import { SYNC_INDEX, SYNC_TABLE, SYNC_TABLE_NAME } from '../../lib/sync/table.ts';
import { assertGiven, assertGivenAt, assertProps, assertPropsAt, durationOutOfRange } from './assert-props.ts';
import { EventConsumer, type EventConsumerProps } from './event-consumer.ts';
import { grantIndexes, grantItems, type ItemAction, nameOf, setVariables, userProblems } from './grantee.ts';
import { addOutputs } from './outputs.ts';
import { addSyncAlarms } from './sync-alarms.ts';
import { SyncTick } from './sync-tick.ts';
import { tableFrom } from './table-from.ts';

/**
 * A slice takes pages for a minute and holds the subscription for 90 seconds: in less time its last page would be cut off,
 * and in more a crashed run would be hidden by its message for longer than six times the lease.
 */
const TIMEOUT = Duration.seconds(90);
const TIMEOUT_RANGE = {
  min: 75,
  max: 300,
  fix: 'a slice takes pages for 60 seconds and needs time for its last page; a crashed run is hidden for six timeouts',
};

/** Records of a page are kept in memory, each with its last row. */
const DEFAULT_MEMORY_SIZE = 1024;

const ITEM_ACTIONS: readonly ItemAction[] = ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'];
const QUERIED = [SYNC_INDEX.bySeen, SYNC_INDEX.byParked];

export interface SyncEngineProps
  extends Omit<EventConsumerProps, 'subscription' | 'batchSize' | 'publishes' | 'timeout'> {
  /** What it runs; its code reads the same one. */
  readonly sync: DeployedSync;
  /** The events that the sink publishes, beside the sync's own. @default - none */
  readonly publishes?: readonly EventDefinition[];
  /**
   * Where the sync remembers. Give it that of another sync if they have an entity in common, or if one refers to records of
   * the other.
   * @default - a table of its own
   */
  readonly table?: ITable;
  /**
   * Whole seconds from 75 to 300: the provider's slowest page must fit in what a slice of a minute leaves.
   * @default 90 seconds
   */
  readonly timeout?: Duration;
  /** MiB from 128 to 10240; CPU grows with it. @default 1024 */
  readonly memorySize?: number;
  /**
   * Whether runs begin by themselves, in the intervals of the definition. Without, they are asked for by hand, by webhooks
   * and by `syncRequested` only.
   * @default true
   */
  readonly scheduled?: boolean;
}

/**
 * One sync's consumer, the table of what it remembers, and the schedule of its runs.
 *
 * @example
 * const products = new SyncEngine(this, 'ProductSync', {
 *   hub,
 *   sync: productSync,
 *   entry: 'functions/products/index.ts',
 *   publishes: [ProductChanged],
 * });
 *
 * @throws WiringError `WIRING_INVALID` with every problem of the props
 */
export class SyncEngine extends Construct {
  readonly consumer: EventConsumer;
  /** All that the sync remembers: its subscriptions, records, runs and tokens. */
  readonly table: ITable;
  /** Asks for runs that are due; undefined without a schedule. */
  readonly tick: SyncTick | undefined;

  constructor(scope: Construct, id: string, engineProps: SyncEngineProps) {
    super(scope, id);
    assertGiven(this, engineProps, 'hub', 'sync', 'entry');
    assertProps(this, [durationOutOfRange('timeout', engineProps.timeout, TIMEOUT_RANGE)]);
    const { sync, table, publishes = [], scheduled = true, ...props } = engineProps;
    const { timeout = TIMEOUT, memorySize = DEFAULT_MEMORY_SIZE } = engineProps;
    const { hub } = props;
    this.table = table ?? tableFrom(this, 'Table', SYNC_TABLE, hub.settings);
    // by operators' tools and by whoever starts a run
    hub.registerProducer(this, syncSubscription(sync).events);
    this.consumer = new EventConsumer(this, 'Consumer', {
      ...props,
      timeout,
      memorySize,
      // a slice takes a minute: a second message of a batch would be handled after the timeout
      batchSize: 1,
      subscription: syncSubscription(sync),
      publishes: [
        ...[syncRequested(sync), syncContinued(sync)],
        ...(Object.values(sync.providers).some(({ outbound }) => outbound === true) ? [syncDiverged(sync)] : []),
        ...publishes,
      ],
    });
    for (const [name, value] of Object.entries(syncVariables(sync))) this.consumer.function.addEnvironment(name, value);
    this.grantTable(this.consumer.function, ITEM_ACTIONS);
    this.tick = scheduled ? new SyncTick(this, 'Tick', { hub, sync, table: this.table }) : undefined;
    addSyncAlarms(this, { settings: hub.settings, sync });
    addOutputs(this, `${sync.name}-sync`, {
      TableName: { value: this.table.tableName, description: `What the sync '${sync.name}' remembers` },
    });
  }

  /**
   * Lets compute use what the sync remembers, through `createSync`: a handler that writes changes to a provider, or a route
   * that shows runs. A function gets the variables of `userEnvironment` as well. Other compute gets them where it is
   * defined.
   * @throws WiringError `WIRING_INVALID` for a user of another account or region, and for one without a role to which this
   * app can add rights
   */
  grantUse(user: IGrantable): Grant {
    assertGivenAt('grantUse of', this.node.path, { user }, 'user');
    assertPropsAt('grantUse to', nameOf(user), userProblems(user, this.table));
    // also to list runs
    return this.grantTable(user, [...ITEM_ACTIONS, 'Query']);
  }

  /** The environment variables that `createSync`'s table needs: the value of `SYNC_TABLE_NAME`. */
  userEnvironment(): Record<string, string> {
    return { [SYNC_TABLE_NAME]: this.table.tableName };
  }

  private grantTable(user: IGrantable, actions: readonly ItemAction[]): Grant {
    setVariables(user, this.userEnvironment(), 'syncEngine.userEnvironment()');
    return grantItems(user, this.table, actions).combine(grantIndexes(user, this.table, QUERIED));
  }
}
