import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ENV, type TenancyMode } from '../../lib/definitions/index.ts';
import { LINK_INDEX, LINKS_TABLE, LINKS_TABLE_NAME } from '../../lib/links/table.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { assertGiven, assertGivenAt, assertPropsAt } from './assert-props.ts';
import { grantIndexes, grantItems, type ItemAction, nameOf, setVariables, userProblems } from './grantee.ts';
import { tableFrom } from './table-from.ts';

export interface LinkTableProps {
  readonly settings: EnvironmentSettings;
}

/** Calls on links, so that a function is granted only the ones that it uses. */
export type LinkUse =
  | 'get'
  | 'findBySource'
  | 'findByTarget'
  | 'findByEntity'
  | 'findByType'
  | 'findBetween'
  | 'create'
  | 'setMetadata'
  | 'delete'
  | 'release'
  | 'deleteAllFrom';

interface LinkActions {
  /** On the table's items. */
  readonly table: readonly ItemAction[];
  /** Indexes that are queried. */
  readonly indexes: readonly string[];
}

const ACTIONS: Readonly<Record<LinkUse, LinkActions>> = {
  get: { table: ['GetItem'], indexes: [] },
  findBySource: { table: ['Query'], indexes: [] },
  findByTarget: { table: [], indexes: [LINK_INDEX.byTarget] },
  findByEntity: { table: ['Query'], indexes: [LINK_INDEX.byTarget] },
  findByType: { table: [], indexes: [LINK_INDEX.byType] },
  findBetween: { table: ['GetItem'], indexes: [] },
  create: { table: ['GetItem', 'PutItem'], indexes: [] },
  setMetadata: { table: ['GetItem', 'UpdateItem'], indexes: [] },
  delete: { table: ['GetItem', 'DeleteItem'], indexes: [] },
  release: { table: ['GetItem', 'DeleteItem'], indexes: [] },
  deleteAllFrom: { table: ['Query', 'DeleteItem'], indexes: [] },
};

/**
 * The links between the entities of an app's modules.
 *
 * A function that deletes cascading links publishes, too: declare `linkCascadedTo(…)` of each module, and
 * `LinkDeletionContinued` with `deleteAllFrom`, in its consumer's `publishes`.
 *
 * @example
 * const links = new LinkTable(this, 'Links', { settings });
 * links.grantUse(orderLinks.function, ['create', 'deleteAllFrom']);
 */
export class LinkTable extends Construct {
  readonly table: Table;
  private readonly tenancy: TenancyMode;

  constructor(scope: Construct, id: string, props: LinkTableProps) {
    super(scope, id);
    assertGiven(this, props, 'settings');
    const { settings } = props;
    this.table = tableFrom(this, 'Table', LINKS_TABLE, settings);
    this.tenancy = settings.tenancy;
  }

  /**
   * Grants compute what these calls do: actions on the table's items, and queries of those indexes that they ask. A function
   * gets the variables of `userEnvironment` as well. Other compute gets them where it is defined:
   *
   * ```ts
   * links.grantUse(task.taskRole, ['findByEntity']);
   * task.addContainer('App', { image, environment: links.userEnvironment() });
   * ```
   *
   * @param user a function of any kind, an instance, or a role: of a task, or an imported one
   * @param uses at least one
   * @throws WiringError `WIRING_INVALID` for no uses, for a user of another account or region, and for one without a role to
   * which this app can add rights
   */
  grantUse(user: IGrantable, uses: readonly LinkUse[]): Grant {
    assertGivenAt('grantUse of', this.node.path, { user, uses }, 'user', 'uses');
    const unknown = uses.filter((use) => !Object.hasOwn(ACTIONS, use));
    assertPropsAt('grantUse to', nameOf(user), [
      ...userProblems(user, this.table),
      uses.length > 0
        ? undefined
        : `grantUse must be given what '${nameOf(user)}' calls, got nothing: choose from ${Object.keys(ACTIONS).join(', ')}`,
      unknown.length > 0
        ? `grantUse must name calls on links, got '${unknown.join("', '")}': choose from ${Object.keys(ACTIONS).join(', ')}`
        : undefined,
    ]);
    const needed = uses.map((use) => ACTIONS[use]);
    const actions = [...new Set(needed.flatMap(({ table }) => table))];
    const indexes = [...new Set(needed.flatMap((need) => need.indexes))];
    setVariables(user, this.userEnvironment(), 'links.userEnvironment()');
    const grants = [
      ...(actions.length > 0 ? [grantItems(user, this.table, actions)] : []),
      ...(indexes.length > 0 ? [grantIndexes(user, this.table, indexes)] : []),
    ];
    return grants.reduce((all, one) => all.combine(one));
  }

  /** The environment variables that the code needs: the table's name, and the deployment's tenancy for its runtime. */
  userEnvironment(): Record<string, string> {
    return { [LINKS_TABLE_NAME]: this.table.tableName, [ENV.tenancy]: this.tenancy };
  }
}
