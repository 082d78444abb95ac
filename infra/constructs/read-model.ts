import { Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import {
  ENV,
  PROJECTION_STATE_TABLE,
  type Subscription,
  type TableSchema,
  type TenancyMode,
} from '../../lib/definitions/index.ts';
import type { BundleContent } from '../bundles/bundle-content.ts';
import { entryPath } from '../project.ts';
import {
  assertGiven,
  assertGivenAt,
  assertProps,
  assertPropsAt,
  durationOutOfRange,
  noSuchFile,
} from './assert-props.ts';
import { EventConsumer, type EventConsumerProps } from './event-consumer.ts';
import type { IEventHub } from './event-hub-base.ts';
import { grantIndexes, grantItems, type ItemAction, nameOf, setVariables, userProblems } from './grantee.ts';
import { addOutputs } from './outputs.ts';
import { addReadModelAlarms } from './read-model-alarms.ts';
import { tableFrom } from './table-from.ts';
import { WaybillFunction } from './waybill-function.ts';

/** What of a projection the infrastructure is made from; `defineProjection` and `defineCounters` give it. */
export interface ProjectedView {
  readonly name: string;
  readonly kind: 'items' | 'counters';
  readonly subscription: Subscription;
  readonly view: TableSchema;
}

export interface ReadModelProps
  extends BundleContent,
    Pick<
      EventConsumerProps,
      'timeout' | 'memorySize' | 'environment' | 'maxConcurrency' | 'maxReceiveCount' | 'queueName'
    > {
  readonly hub: IEventHub;
  readonly projection: ProjectedView;
  /** Composition root of the consumer: `functions/order-overview/index.ts`. It exports `handler`. */
  readonly entry: string;
  /** Composition root of what rebuilds the view: `functions/order-overview/rebuild/index.ts`. It exports `handler`. */
  readonly rebuildEntry: string;
  /**
   * Whether events remove items from the view: without, its functions have no right to. Counters never do. @default
   * false
   */
  readonly deletesItems?: boolean;
  /**
   * How far the view may be behind its events before an alarm is raised: whole seconds from 1 to 86400.
   * @default 5 minutes
   */
  readonly maxLag?: Duration;
}

/** What a function asks a view for. */
export interface ViewQueries {
  /** Single items by their key. @default false */
  readonly items?: boolean;
  /** Partitions of the table. @default false */
  readonly partitions?: boolean;
  /** Partitions of these indexes. @default - of none */
  readonly indexes?: readonly string[];
}

const DEFAULT_MAX_LAG = Duration.minutes(5);

/** Maximum duration of a step of a rebuild; the caller sets the actual duration. */
const REBUILD_TIMEOUT = Duration.minutes(5);

/** Some sixteen groups are folded at once. */
const REBUILD_MEMORY_SIZE = 1024;

/**
 * A view made from events: its table, the consumer that keeps it, and a function that rebuilds it beside the one
 * that serves (`npx waybill rebuild`).
 *
 * @example
 * const overview = new ReadModel(this, 'OrderOverview', {
 *   hub,
 *   projection: orderOverview,
 *   entry: 'functions/order-overview/index.ts',
 *   rebuildEntry: 'functions/order-overview/rebuild/index.ts',
 * });
 * overview.grantQuery(queryOrders, { items: true, indexes: ['byCustomer'] });
 *
 * @throws WiringError `WIRING_INVALID` with every problem of the props
 */
export class ReadModel extends Construct {
  readonly table: Table;
  /** Which generation serves, and how far each group is. */
  readonly stateTable: Table;
  readonly consumer: EventConsumer;
  readonly rebuildFunction: WaybillFunction;
  private readonly projection: ProjectedView;
  private readonly tenancy: TenancyMode;

  constructor(scope: Construct, id: string, props: ReadModelProps) {
    super(scope, id);
    assertGiven(this, props, 'hub', 'projection', 'entry', 'rebuildEntry');
    const { hub, projection, entry, rebuildEntry, deletesItems = false, maxLag = DEFAULT_MAX_LAG, ...sizing } = props;
    assertProps(this, [
      noSuchFile('rebuildEntry', rebuildEntry, entryPath(rebuildEntry)),
      durationOutOfRange('maxLag', props.maxLag, { min: 1, max: 86_400 }),
      projection.kind === 'counters' && deletesItems
        ? `deletesItems must be left out for '${projection.name}', got true: events only add to counters`
        : undefined,
    ]);
    this.projection = projection;
    this.tenancy = hub.settings.tenancy;
    this.table = tableFrom(this, 'Table', projection.view, hub.settings);
    this.stateTable = tableFrom(this, 'State', PROJECTION_STATE_TABLE, hub.settings);
    const writes = writesOf(projection, deletesItems);

    this.consumer = new EventConsumer(this, 'Consumer', {
      ...sizing,
      hub,
      subscription: projection.subscription,
      entry,
    });
    this.useTables(this.consumer.function, writes, ['GetItem', 'PutItem']);
    this.rebuildFunction = this.createRebuilder(props, writes);
    addReadModelAlarms(this, { settings: hub.settings, name: projection.name, maxLag });
    addOutputs(this, projection.name, {
      ViewTableName: { value: this.table.tableName, description: `The view '${projection.name}'` },
      StateTableName: { value: this.stateTable.tableName, description: `How far the view '${projection.name}' is` },
      RebuildFunctionName: {
        value: this.rebuildFunction.functionName,
        description: `Rebuilds the view '${projection.name}'`,
      },
    });
  }

  /**
   * Lets compute query the view through `createViewReaderOn`, with these reads alone. A function gets the variables of
   * `readerEnvironment` as well. Other compute gets them where it is defined:
   *
   * ```ts
   * overview.grantQuery(task.taskRole, { items: true });
   * task.addContainer('App', { image, environment: overview.readerEnvironment() });
   * ```
   *
   * @param reader a function of any kind, an instance, or a role: of a task, or an imported one
   * @throws WiringError `WIRING_INVALID` for a reader of another account or region, for one without a role to which this
   * app can add rights, and for queries that the view does not have
   */
  grantQuery(reader: IGrantable, queries: ViewQueries): Grant {
    assertGivenAt('grantQuery of', this.node.path, { reader, queries }, 'reader', 'queries');
    const { items = false, partitions = false, indexes = [] } = queries;
    const known = (this.projection.view.indexes ?? []).map(({ name }) => name);
    const unknown = indexes.filter((name) => !known.includes(name));
    const asksNothing = !items && !partitions && indexes.length === 0;
    assertPropsAt('grantQuery to', nameOf(reader), [
      ...userProblems(reader, this.table),
      asksNothing
        ? `grantQuery must be given what '${nameOf(reader)}' asks for, got nothing: items, partitions or indexes`
        : undefined,
      unknown.length > 0
        ? `grantQuery must name indexes of the view, got '${unknown.join("', '")}': choose from ${known.join(', ') || 'none'}`
        : undefined,
      this.projection.kind === 'counters' && items
        ? `grantQuery must ask '${this.projection.name}' for partitions, got items: an item of counters is kept in shards`
        : undefined,
    ]);
    setVariables(reader, this.readerEnvironment(), 'readModel.readerEnvironment()');
    const grants = [grantItems(reader, this.stateTable, ['GetItem'])];
    const actions: readonly ItemAction[] = [
      ...(items ? ['GetItem' as const] : []),
      ...(partitions ? ['Query' as const] : []),
    ];
    if (actions.length > 0) grants.push(grantItems(reader, this.table, actions));
    if (indexes.length > 0) grants.push(grantIndexes(reader, this.table, indexes));
    return grants.reduce((all, one) => all.combine(one));
  }

  /** The environment variables that `createReaderRuntime(process.env)` and `createViewReaderOn` need. */
  readerEnvironment(): Record<string, string> {
    return {
      [ENV.viewTableName]: this.table.tableName,
      [ENV.projectionStateTableName]: this.stateTable.tableName,
      [ENV.tenancy]: this.tenancy,
    };
  }

  private useTables(user: WaybillFunction, view: readonly ItemAction[], state: readonly ItemAction[]): void {
    user.useTable(this.table, ENV.viewTableName, view);
    user.useTable(this.stateTable, ENV.projectionStateTableName, state);
  }

  private createRebuilder(
    { hub, projection, rebuildEntry, alsoBundle = [], eventStreams = true }: ReadModelProps,
    writes: readonly ItemAction[],
  ): WaybillFunction {
    const rebuilder = new WaybillFunction(this, 'Rebuild', {
      entry: rebuildEntry,
      serviceName: `${projection.name}-rebuild`,
      settings: hub.settings,
      timeout: REBUILD_TIMEOUT,
      memorySize: REBUILD_MEMORY_SIZE,
      alarms: ['CrossTenantWork'],
      alsoBundle,
      eventStreams,
      description: `Waybill: rebuilds the view of '${projection.name}'; npx waybill rebuild ${projection.name}`,
    });
    rebuilder.addEnvironment(ENV.rebuilds, projection.name);
    rebuilder.addEnvironment(ENV.environmentName, hub.environmentName);
    hub.nameOutbox(rebuilder);
    this.useTables(rebuilder, writes, ['GetItem', 'PutItem', 'Query']);
    grant(rebuilder, ['BatchWriteItem', 'Scan'], [this.table.tableArn]);
    grant(rebuilder, ['DescribeTable', 'Query', 'Scan'], [hub.outboxTable.tableArn]);
    return rebuilder;
  }
}

const writesOf = ({ kind }: ProjectedView, deletesItems: boolean): readonly ItemAction[] =>
  kind === 'counters' ? ['UpdateItem'] : ['GetItem', 'PutItem', ...(deletesItems ? (['DeleteItem'] as const) : [])];

const grant = (user: WaybillFunction, actions: readonly string[], resourceArns: string[]): Grant =>
  Grant.addToPrincipal({ grantee: user, actions: actions.map((action) => `dynamodb:${action}`), resourceArns });
