import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, PolicyStatement, type PrincipalBase, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { isTenantId, type TableSchema } from '../../lib/definitions/index.ts';
import { assertGiven, assertProps, assertPropsAt } from './assert-props.ts';
import type { ItemAction } from './grantee.ts';
import { tableKeyStatement } from './table-key.ts';

/** The tenant from the tag `tenant` of the session or of the role. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: IAM fills it in
export const TENANT_OF_PRINCIPAL = '${aws:PrincipalTag/tenant}';

/** The actions of a TenantTable. Never Scan: it has no key, so conditions on keys do not restrict it. */
const ITEM_ACTIONS: readonly ItemAction[] = [
  'GetItem',
  'BatchGetItem',
  'Query',
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'ConditionCheckItem',
];

export interface TenantTableGrant {
  readonly table: ITable;
  /** Its indexes are also granted: like the table, their keys begin with the tenant. */
  readonly schema: TableSchema;
  /** Restricts the statement. @default - all actions of a TenantTable */
  readonly actions?: readonly ItemAction[];
}

/**
 * Allows a tenant's own items of a table, by the first key attribute, and no others: the wall behind the code's. A table with
 * a customer key needs `tableKeyStatement` beside it; TenantRole has both.
 * @param tenant a tenant id, or `TENANT_OF_PRINCIPAL`
 * @throws WiringError `WIRING_INVALID` for what is neither, and for a table or an index that begins with a number
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export function tenantTableStatement({ table, schema, actions }: TenantTableGrant, tenant: string): PolicyStatement {
  assertPropsAt('tenantTableStatement', table.node.path, [tenantProblem(tenant), schemaProblem(schema)]);
  const indexArns = (schema.indexes ?? []).map(({ name }) => `${table.tableArn}/index/${name}`);
  return new PolicyStatement({
    effect: Effect.ALLOW,
    actions: (actions ?? ITEM_ACTIONS).map((action) => `dynamodb:${action}`),
    resources: [table.tableArn, ...indexArns],
    conditions: {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${tenant}#*`] },
      // a request without a key passes 'ForAllValues'
      Null: { 'dynamodb:LeadingKeys': 'false' },
    },
  });
}

export interface TenantRoleProps {
  /**
   * A tenant id; or `TENANT_OF_PRINCIPAL`, for one role that serves all: who assumes it says the tenant with the
   * session's tag `tenant`, and may then do nothing without one.
   */
  readonly tenant: string;
  /**
   * A principal that assumes the role with `TENANT_OF_PRINCIPAL` chooses the tenant: trust only a principal that has
   * authenticated the tenant.
   */
  readonly assumedBy: PrincipalBase;
  readonly tables: readonly TenantTableGrant[];
}

/**
 * A role that reaches one tenant's items in tables that tenants share, whatever the code that has it does.
 *
 * @example
 * new TenantRole(this, 'AcmeReports', {
 *   tenant: 'acme',
 *   assumedBy: new AccountPrincipal('111122223333'),
 *   tables: [{ table: orders, schema: ORDERS_TABLE, actions: ['GetItem', 'Query'] }],
 * });
 *
 * @throws WiringError `WIRING_INVALID` with every problem of the props
 */
export class TenantRole extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, props: TenantRoleProps) {
    super(scope, id);
    assertGiven(this, props, 'tenant', 'assumedBy', 'tables');
    for (const each of props.tables) assertGiven(this, each, 'table', 'schema');
    const { tenant, assumedBy, tables } = props;
    assertProps(this, [
      tenantProblem(tenant),
      tables.length === 0 ? 'tables must name at least one table, got none' : undefined,
      ...tables.map(({ schema }) => schemaProblem(schema)),
    ]);
    const isTagged = tenant === TENANT_OF_PRINCIPAL;
    this.role = new Role(this, 'Role', {
      assumedBy: isTagged ? assumedBy.withSessionTags() : assumedBy,
      description: isTagged
        ? 'Waybill: the items of the tenant that its tag names'
        : `Waybill: the items of tenant '${tenant}'`,
    });
    for (const table of tables) {
      this.role.addToPolicy(tenantTableStatement(table, tenant));
      const key = tableKeyStatement(table.table, table.actions ?? ITEM_ACTIONS);
      if (key !== undefined) this.role.addToPolicy(key);
    }
  }
}

const tenantProblem = (tenant: string): string | undefined =>
  tenant === TENANT_OF_PRINCIPAL || isTenantId(tenant)
    ? undefined
    : `tenant must be TENANT_OF_PRINCIPAL or 1 to 40 lower-case letters, digits and '-', not starting with '-', got '${tenant}'`;

function schemaProblem({ partitionKey, indexes = [] }: TableSchema): string | undefined {
  const number = [partitionKey, ...indexes.map((index) => index.partitionKey)].find(({ type }) => type !== 'S');
  return number === undefined
    ? undefined
    : `schema must begin with a string, and so must its indexes, got the number '${number.name}': no tenant fits in front of it`;
}
