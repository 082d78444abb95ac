import { Annotations, Token } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Grant, type IGrantable, LazyRole, Role, UnknownPrincipal } from 'aws-cdk-lib/aws-iam';
import { QualifiedFunctionBase } from 'aws-cdk-lib/aws-lambda';
import { Construct, Dependable, type IConstruct } from 'constructs';
import { assertGivenAt } from './assert-props.ts';
import { accountProblem, OF_HUB, OF_TABLE, placeProblem } from './place-checks.ts';
import { tableKeyStatement } from './table-key.ts';

/** The rights on single items that a grantee can be given; a TransactWriteItems needs those of its actions. */
export type ItemAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'ConditionCheckItem'
  | 'Query';

/**
 * Gives any compute these actions on a table's items, not on its indexes, and the use of the table's customer key if it
 * has one: to a function, to an instance, or to the role of a task.
 *
 * @example grantItems(existingFunction, orders, ['GetItem', 'PutItem']);
 */
export function grantItems(grantee: IGrantable, table: ITable, actions: readonly ItemAction[]): Grant {
  assertGivenAt(
    'grantItems',
    Construct.isConstruct(table) ? table.node.path : 'a table',
    { grantee, table, actions },
    'grantee',
    'table',
    'actions',
  );
  return grantOn(grantee, table, actions, ['']);
}

/** Lets any compute query these indexes of a table, and use the table's customer key if it has one. */
export function grantIndexes(grantee: IGrantable, table: ITable, indexes: readonly string[]): Grant {
  return grantOn(
    grantee,
    table,
    ['Query'],
    indexes.map((name) => `/index/${name}`),
  );
}

/** @param parts of the table, as its ARN goes on */
function grantOn(
  grantee: IGrantable,
  table: ITable,
  itemActions: readonly ItemAction[],
  parts: readonly string[],
): Grant {
  const key = tableKeyStatement(table, itemActions);
  if (key !== undefined) grantee.grantPrincipal.addToPrincipalPolicy(key);
  const actions = itemActions.map((action) => `dynamodb:${action}`);
  const grant = Grant.addToPrincipal({ grantee, actions, resourceArns: parts.map((part) => table.tableArn + part) });
  if (!isInPolicy(grant, grantee)) {
    const of = `'${table.node.path}'`;
    const arn = Token.isUnresolved(table.tableArn) ? `<ARN of ${of}>` : table.tableArn;
    const statements = [
      { Effect: 'Allow', Action: actions, Resource: parts.map((part) => arn + part) },
      ...(key === undefined
        ? []
        : [
            {
              Effect: 'Allow',
              Action: key.actions,
              Resource: `<ARN of the key of ${of}>`,
              Condition: { StringEquals: { 'kms:ViaService': 'dynamodb.<region>.amazonaws.com' } },
            },
          ]),
    ];
    Annotations.of(constructOf(grantee) ?? table).addWarningV2(
      'waybill:grant-not-added',
      `this app adds no rights to '${nameOf(grantee)}', whose policies it may not change: add ${statements.map((each) => JSON.stringify(each)).join(' and ')} to its policies by hand, or import the role without mutable: false`,
    );
  }
  return grant;
}

/** A role that was imported as immutable takes each grant and drops it: no policy comes of it. One of the app makes its policies last. */
const isInPolicy = (grant: Grant, { grantPrincipal }: IGrantable): boolean =>
  grant.success &&
  (grantPrincipal instanceof Role ||
    grantPrincipal instanceof LazyRole ||
    Dependable.of(grant).dependencyRoots.length > 0);

interface HasVariables extends IConstruct {
  addEnvironment(name: string, value: string): unknown;
}

/**
 * Sets environment variables of a function, also of one behind an alias or a version. Other compute has its variables
 * set by its owner; so has a function of another app, for which synth warns.
 * @param source what returns the variables, for the warning: `hub.publisherEnvironment()`
 */
export function setVariables(grantee: IGrantable, variables: Readonly<Record<string, string>>, source: string): void {
  const compute = grantee instanceof QualifiedFunctionBase ? grantee.lambda : grantee;
  if (hasVariables(compute)) {
    for (const [name, value] of Object.entries(variables)) compute.addEnvironment(name, value);
  } else if (isFunction(compute)) {
    Annotations.of(compute).addWarningV2(
      'waybill:variables-not-set',
      `this app does not define the function and cannot set its variables: set those of ${source} where it is defined (${Object.keys(variables).join(', ')})`,
    );
  }
}

/** By its method: a function may be of any class of aws-lambda. */
const hasVariables = (compute: unknown): compute is HasVariables =>
  Construct.isConstruct(compute) && 'addEnvironment' in compute && typeof compute.addEnvironment === 'function';

const isFunction = (compute: unknown): compute is IConstruct =>
  Construct.isConstruct(compute) && 'functionArn' in compute;

/** The construct that messages name for a grantee: itself, or the role that gets its rights. */
function constructOf(grantee: IGrantable): IConstruct | undefined {
  const candidates: readonly unknown[] = [grantee, grantee.grantPrincipal];
  return candidates.find((each) => Construct.isConstruct(each));
}

/** Where warnings about what it publishes are shown. */
export const producerOf = (publisher: IGrantable, hub: IConstruct): IConstruct => constructOf(publisher) ?? hub;

/** As messages call it. */
export const nameOf = (grantee: IGrantable): string =>
  constructOf(grantee)?.node.path ?? grantee.grantPrincipal.toString();

/**
 * What is wrong with compute that is to write the outbox of a hub: rights that this app cannot give would be missing
 * without a word, and a transaction stays in one account and region.
 */
export const publisherProblems = (publisher: IGrantable, hub: IConstruct): readonly (string | undefined)[] => [
  roleProblem(
    'the publisher',
    publisher,
    '; if its rights are given elsewhere, declare its events with hub.registerProducer',
  ),
  accountProblem('the publisher', publisher.grantPrincipal.principalAccount, hub, {
    ...OF_HUB,
    reason: 'a transaction stays in one account',
    fix: 'publish through a function or service',
  }),
  hasRegion(publisher)
    ? placeProblem('the stack of a function that publishes', publisher, hub, 'a transaction stays in one region')
    : undefined,
];

/** What is wrong with compute that is to use a table: its code calls the table by name, in its own account and region. */
export const userProblems = (user: IGrantable, table: ITable): readonly (string | undefined)[] => [
  roleProblem('the user', user, ''),
  accountProblem('the user', user.grantPrincipal.principalAccount, table, {
    ...OF_TABLE,
    reason: 'code names the table without its account',
    fix: 'use it through a function or service',
  }),
  hasRegion(user)
    ? placeProblem(
        'the stack of a function that uses it',
        user,
        table,
        'code names the table without its region',
        OF_TABLE,
      )
    : undefined,
];

const roleProblem = (what: string, grantee: IGrantable, otherwise: string): string | undefined =>
  grantee.grantPrincipal instanceof UnknownPrincipal || constructOf(grantee) === undefined
    ? `${what} must have a role to which this app can add rights, got none: grant to the role (Role.fromRoleArn, or Function.fromFunctionAttributes with its role)${otherwise}`
    : undefined;

/** A role has none. */
const hasRegion = (grantee: IGrantable): grantee is IGrantable & IConstruct =>
  Construct.isConstruct(grantee) && !Object.is(grantee, grantee.grantPrincipal);
