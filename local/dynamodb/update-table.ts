import {
  type AttributeDefinition,
  attributeNames,
  type IndexDefinition,
  indexesOf,
  keyTypeOf,
  type Throughput,
} from '../../lib/testing/dynamodb/schema.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { Database } from './database.ts';
import { parseRequest } from './dynalite.ts';
import { indexProblem } from './index-rules.ts';
import type { Operation } from './operation.ts';
import { buildIndex, type Table } from './table.ts';
import {
  type BillingMode,
  describeBillingMode,
  describeEncryption,
  describeGlobalIndex,
  describeThroughput,
  type SseSpecification,
  type StreamSpecification,
} from './table-description.ts';
import { TABLE_SHAPES } from './table-shapes.ts';
import { describe, existing, setStream } from './tables.ts';

interface UpdateTableRequest {
  readonly TableName: string;
  readonly AttributeDefinitions?: readonly AttributeDefinition[];
  readonly BillingMode?: BillingMode;
  readonly ProvisionedThroughput?: Throughput;
  readonly GlobalSecondaryIndexUpdates?: readonly IndexUpdate[];
  readonly StreamSpecification?: StreamSpecification;
  readonly SSESpecification?: SseSpecification;
  readonly DeletionProtectionEnabled?: boolean;
  readonly TableClass?: string;
  readonly OnDemandThroughput?: object;
  readonly WarmThroughput?: object;
}

interface IndexUpdate {
  readonly Create?: IndexDefinition;
  readonly Update?: { readonly IndexName: string; readonly ProvisionedThroughput: Throughput };
  readonly Delete?: { readonly IndexName: string };
}

export function createUpdateTable(database: Database): Operation {
  return (input) => {
    const request = parseRequest<UpdateTableRequest>(TABLE_SHAPES.UpdateTable, input);
    const table = existing(database, request.TableName);
    checkUpdate(table, request);
    if (request.StreamSpecification !== undefined) setStream(database, table, request.StreamSpecification);
    updateSettings(table, request);
    for (const update of request.GlobalSecondaryIndexUpdates ?? []) updateIndex(table, update);
    return { TableDescription: describe(table) };
  };
}

/** Before anything changes. */
function checkUpdate(table: Table, request: UpdateTableRequest): void {
  const { TableName, AttributeDefinitions = [], GlobalSecondaryIndexUpdates: updates = [] } = request;
  if (isEmpty(request)) refuse(NOTHING_TO_UPDATE);
  if (request.StreamSpecification?.StreamEnabled === false && table.stream === undefined) {
    refuse(`Table has no stream to disable: TableName: ${TableName}`);
  }
  for (const update of updates) checkAction(update);
  if (updates.filter(({ Update }) => Update === undefined).length > 1) {
    throw new AwsError(
      'LimitExceededException',
      'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
    );
  }
  checkDefinitions(table, AttributeDefinitions);
  for (const { Create, Update, Delete } of updates) {
    if (Update !== undefined) requireIndex(table, Update.IndexName);
    if (Delete !== undefined) requireIndex(table, Delete.IndexName);
    if (Create === undefined) continue;
    if (table.indexes.has(Create.IndexName)) {
      refuse(`Attempting to create an index which already exists: ${Create.IndexName}`);
    }
    // those that the table has already do not count
    const problem = indexProblem([Create], AttributeDefinitions);
    if (problem !== undefined) refuse(problem);
  }
}

const NOTHING_TO_UPDATE =
  'At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required';

/** Definitions of attributes alone change nothing. */
function isEmpty({ TableName, AttributeDefinitions, GlobalSecondaryIndexUpdates, ...settings }: UpdateTableRequest) {
  return (GlobalSecondaryIndexUpdates ?? []).length === 0 && Object.keys(settings).length === 0;
}

function checkAction(update: IndexUpdate): void {
  const actions = Object.values(update).length;
  if (actions === 1) return;
  refuse(
    actions === 0
      ? 'One or more parameter values were invalid: One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must not be null'
      : 'One or more parameter values were invalid: Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object',
  );
}

/** The type of an attribute stays as long as a key has it. */
function checkDefinitions(table: Table, definitions: readonly AttributeDefinition[]): void {
  for (const { AttributeName, AttributeType } of definitions) {
    const [keyed] = [table.description, ...indexesOf(table.description)]
      .flatMap(({ KeySchema }) => KeySchema)
      .filter((element) => element.AttributeName === AttributeName);
    const existing = keyed && keyTypeOf(table.description, AttributeName);
    if (existing === undefined || existing === AttributeType) continue;
    refuse(
      `One or more parameter values were invalid: Attributes cannot be redefined. Please check that your attribute has the same type as previously defined. Existing schema: Schema:[SchemaElement: key{${AttributeName}:${existing}:${keyed?.KeyType}}] New schema: Schema:[SchemaElement: key{${AttributeName}:${AttributeType}:${keyed?.KeyType}}]`,
    );
  }
}

/** Those that a key has, with the request's for a new index. */
function mergedDefinitions(
  { description }: Table,
  { AttributeDefinitions = [], GlobalSecondaryIndexUpdates = [] }: UpdateTableRequest,
): readonly AttributeDefinition[] {
  const created = GlobalSecondaryIndexUpdates.flatMap(({ Create }) => Create ?? []);
  const deleted = GlobalSecondaryIndexUpdates.flatMap(({ Delete }) => Delete?.IndexName ?? []);
  const kept = indexesOf(description).filter(({ IndexName }) => !deleted.includes(IndexName));
  const used = new Set([description, ...kept, ...created].flatMap(({ KeySchema }) => attributeNames(KeySchema)));
  const all = new Map(
    [...description.AttributeDefinitions, ...AttributeDefinitions].map((each) => [each.AttributeName, each]),
  );
  return [...all.values()].filter(({ AttributeName }) => used.has(AttributeName));
}

function refuse(message: string): never {
  throw new AwsError('ValidationException', message);
}

function updateSettings(table: Table, request: UpdateTableRequest): void {
  const { description } = table;
  const { BillingMode, ProvisionedThroughput, SSESpecification, TableClass } = request;
  table.description = {
    ...description,
    AttributeDefinitions: mergedDefinitions(table, request),
    DeletionProtectionEnabled: request.DeletionProtectionEnabled ?? description.DeletionProtectionEnabled ?? false,
    ...(ProvisionedThroughput === undefined
      ? {}
      : { ProvisionedThroughput: describeThroughput(ProvisionedThroughput) }),
    ...(BillingMode === 'PAY_PER_REQUEST' ? { ProvisionedThroughput: describeThroughput(undefined) } : {}),
    ...(BillingMode === 'PROVISIONED' ? { BillingModeSummary: { BillingMode } } : describeBillingMode(BillingMode)),
    ...(SSESpecification === undefined ? {} : describeEncryption(SSESpecification)),
    ...(TableClass === undefined ? {} : { TableClassSummary: { TableClass } }),
    ...(request.OnDemandThroughput === undefined ? {} : { OnDemandThroughput: request.OnDemandThroughput }),
    ...(request.WarmThroughput === undefined ? {} : { WarmThroughput: request.WarmThroughput }),
  };
}

function updateIndex(table: Table, { Create, Update, Delete }: IndexUpdate): void {
  const { description } = table;
  const indexes = description.GlobalSecondaryIndexes ?? [];
  if (Create !== undefined) {
    const created = describeGlobalIndex(Create, description.TableArn);
    table.description = { ...description, GlobalSecondaryIndexes: [...indexes, created] };
    buildIndex(table, created);
  }
  if (Update !== undefined) {
    const throughput = describeThroughput(Update.ProvisionedThroughput);
    table.description = {
      ...description,
      GlobalSecondaryIndexes: indexes.map((index) =>
        index.IndexName === Update.IndexName ? { ...index, ProvisionedThroughput: throughput } : index,
      ),
    };
  }
  if (Delete !== undefined) {
    const left = indexes.filter((index) => index.IndexName !== Delete.IndexName);
    table.description = { ...description, GlobalSecondaryIndexes: left.length === 0 ? undefined : left };
    table.indexes.delete(Delete.IndexName);
  }
}

function requireIndex(table: Table, indexName: string): void {
  if (table.description.LocalSecondaryIndexes?.some((index) => index.IndexName === indexName)) {
    refuse(
      `One or more parameter values were invalid: Index ${indexName} is a local secondary index, which is deleted with its table only`,
    );
  }
  if (table.description.GlobalSecondaryIndexes?.some((index) => index.IndexName === indexName)) return;
  throw new AwsError('ResourceNotFoundException', `Requested resource not found: Index: ${indexName} not found`);
}
