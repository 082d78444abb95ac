import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { LINK_INDEX, LINKS_TABLE, LINKS_TABLE_NAME } from '../../lib/links/table.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { assertProps } from './assert-props.ts';
import type { ItemAction } from './grantee.ts';
import { tableFrom } from './table-from.ts';
import type { WaybillFunction } from './waybill-function.ts';

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

  constructor(scope: Construct, id: string, { settings }: LinkTableProps) {
    super(scope, id);
    this.table = tableFrom(this, 'Table', LINKS_TABLE, settings);
  }

  /**
   * Tells the function the table's name, and grants what these calls do: actions on the table's items, and queries of
   * those indexes that they ask.
   * @param uses at least one
   * @throws WiringError `WIRING_INVALID`
   */
  grantUse(user: WaybillFunction, uses: readonly LinkUse[]): Grant {
    assertProps(this, [
      uses.length > 0
        ? undefined
        : `grantUse must be given what '${user.node.path}' calls, got nothing: choose from ${Object.keys(ACTIONS).join(', ')}`,
    ]);
    const needed = uses.map((use) => ACTIONS[use]);
    const actions = [...new Set(needed.flatMap(({ table }) => table))];
    const indexes = [...new Set(needed.flatMap((need) => need.indexes))];
    user.addEnvironment(LINKS_TABLE_NAME, this.table.tableName);
    const { tableArn } = this.table;
    const grants = [
      ...(actions.length > 0 ? [grant(user, actions, [tableArn])] : []),
      ...(indexes.length > 0
        ? [
            grant(
              user,
              ['Query'],
              indexes.map((name) => `${tableArn}/index/${name}`),
            ),
          ]
        : []),
    ];
    return grants.reduce((all, grant) => all.combine(grant));
  }
}

const grant = (user: WaybillFunction, actions: readonly ItemAction[], resourceArns: string[]): Grant =>
  Grant.addToPrincipal({ grantee: user, actions: actions.map((action) => `dynamodb:${action}`), resourceArns });
