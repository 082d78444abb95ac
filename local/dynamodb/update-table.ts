import {
  type AttributeDefinition,
  attributeNames,
  type IndexDefinition,
  type Throughput,
} from '../../lib/testing/dynamodb/schema.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { Database } from './database.ts';
import { parseRequest } from './dynalite.ts';
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
  const { TableName } = request;
  if (request.StreamSpecification?.StreamEnabled === false && table.stream === undefined) {
    throw new AwsError('ValidationException', `Table already has a disabled stream: TableName: ${TableName}`);
  }
  const definitions = request.AttributeDefinitions ?? table.description.AttributeDefinitions;
  const defined = definitions.map((definition) => definition.AttributeName);
  for (const { Create, Update, Delete } of request.GlobalSecondaryIndexUpdates ?? []) {
    if (Update !== undefined) requireIndex(table, Update.IndexName);
    if (Delete !== undefined) requireIndex(table, Delete.IndexName);
    if (Create === undefined) continue;
    if (table.indexes.has(Create.IndexName)) {
      throw new AwsError(
        'ValidationException',
        `Attempting to create an index which already exists: ${Create.IndexName}`,
      );
    }
    const keys = attributeNames(Create.KeySchema);
    if (keys.every((key) => defined.includes(key))) continue;
    throw new AwsError(
      'ValidationException',
      `One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [${keys.join(', ')}], AttributeDefinitions: [${defined.join(', ')}]`,
    );
  }
}

function updateSettings(table: Table, request: UpdateTableRequest): void {
  const { description } = table;
  const { BillingMode, ProvisionedThroughput, SSESpecification, TableClass } = request;
  table.description = {
    ...description,
    AttributeDefinitions: request.AttributeDefinitions ?? description.AttributeDefinitions,
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
  if (table.description.GlobalSecondaryIndexes?.some((index) => index.IndexName === indexName)) return;
  throw new AwsError('ResourceNotFoundException', `Requested resource not found: Index: ${indexName} not found`);
}
