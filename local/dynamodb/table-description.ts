import { randomUUID } from 'node:crypto';
import type { EpochMs } from '../../lib/shared/time.ts';
import type {
  AttributeDefinition,
  IndexDefinition,
  KeySchemaElement,
  TableSchema,
  Throughput,
} from '../../lib/testing/dynamodb/schema.ts';
import type { StreamViewType } from './change-stream.ts';

export type BillingMode = 'PROVISIONED' | 'PAY_PER_REQUEST';

export interface StreamSpecification {
  readonly StreamEnabled: boolean;
  readonly StreamViewType?: StreamViewType;
}

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** Settings that are kept and described, and change nothing here. */
interface TableSettings {
  readonly DeletionProtectionEnabled?: boolean;
  readonly OnDemandThroughput?: object;
  readonly WarmThroughput?: object;
}

export interface CreateTableRequest extends TableSettings {
  readonly TableName: string;
  readonly KeySchema: readonly KeySchemaElement[];
  readonly AttributeDefinitions: readonly AttributeDefinition[];
  readonly LocalSecondaryIndexes?: readonly IndexDefinition[];
  readonly GlobalSecondaryIndexes?: readonly IndexDefinition[];
  readonly BillingMode?: BillingMode;
  readonly ProvisionedThroughput?: Throughput;
  readonly StreamSpecification?: StreamSpecification;
  readonly SSESpecification?: SseSpecification;
  readonly TableClass?: string;
  readonly Tags?: readonly Tag[];
}

export interface SseSpecification {
  readonly Enabled?: boolean;
  readonly SSEType?: string;
  readonly KMSMasterKeyId?: string;
}

/** `TableDescription` of the API. Tables are ready at once, so every status is `ACTIVE`. */
export interface TableDescription extends TableSchema, TableSettings {
  readonly TableArn: string;
  readonly TableId: string;
  readonly TableStatus: 'ACTIVE';
  readonly CreationDateTime: number;
  readonly ProvisionedThroughput: DescribedThroughput;
  readonly BillingModeSummary?: { readonly BillingMode: BillingMode };
  readonly LocalSecondaryIndexes?: readonly IndexDescription[] | undefined;
  readonly GlobalSecondaryIndexes?: readonly IndexDescription[] | undefined;
  readonly StreamSpecification?: StreamSpecification | undefined;
  readonly LatestStreamArn?: string;
  readonly LatestStreamLabel?: string;
  readonly SSEDescription?: object;
  readonly TableClassSummary?: { readonly TableClass: string };
}

interface DescribedThroughput extends Throughput {
  readonly NumberOfDecreasesToday: number;
}

interface IndexDescription extends IndexDefinition {
  readonly IndexArn: string;
  readonly IndexStatus?: 'ACTIVE';
}

export function describeNewTable(request: CreateTableRequest, tableArn: string, now: EpochMs): TableDescription {
  const { LocalSecondaryIndexes, GlobalSecondaryIndexes } = request;
  return {
    TableName: request.TableName,
    TableArn: tableArn,
    TableId: randomUUID(),
    TableStatus: 'ACTIVE',
    CreationDateTime: now / 1000,
    KeySchema: request.KeySchema,
    AttributeDefinitions: request.AttributeDefinitions,
    ProvisionedThroughput: describeThroughput(request.ProvisionedThroughput),
    ...describeBillingMode(request.BillingMode),
    DeletionProtectionEnabled: request.DeletionProtectionEnabled ?? false,
    ...(LocalSecondaryIndexes === undefined
      ? {}
      : { LocalSecondaryIndexes: LocalSecondaryIndexes.map((index) => describeIndex(index, tableArn)) }),
    ...(GlobalSecondaryIndexes === undefined
      ? {}
      : { GlobalSecondaryIndexes: GlobalSecondaryIndexes.map((index) => describeGlobalIndex(index, tableArn)) }),
    ...(request.SSESpecification === undefined ? {} : describeEncryption(request.SSESpecification)),
    ...(request.TableClass === undefined ? {} : { TableClassSummary: { TableClass: request.TableClass } }),
    ...(request.OnDemandThroughput === undefined ? {} : { OnDemandThroughput: request.OnDemandThroughput }),
    ...(request.WarmThroughput === undefined ? {} : { WarmThroughput: request.WarmThroughput }),
  };
}

export const describeThroughput = (throughput: Throughput | undefined): DescribedThroughput => ({
  ReadCapacityUnits: throughput?.ReadCapacityUnits ?? 0,
  WriteCapacityUnits: throughput?.WriteCapacityUnits ?? 0,
  NumberOfDecreasesToday: 0,
});

/** Provisioned tables that never were anything else have no summary. */
export const describeBillingMode = (mode: BillingMode | undefined) =>
  mode === 'PAY_PER_REQUEST' ? { BillingModeSummary: { BillingMode: mode } } : {};

export function describeEncryption({ Enabled = true, SSEType = 'KMS', KMSMasterKeyId }: SseSpecification) {
  if (!Enabled) return {};
  const key = KMSMasterKeyId === undefined ? {} : { KMSMasterKeyArn: KMSMasterKeyId };
  return { SSEDescription: { Status: 'ENABLED', SSEType, ...key } };
}

const describeIndex = (index: IndexDefinition, tableArn: string): IndexDescription => ({
  ...index,
  IndexArn: `${tableArn}/index/${index.IndexName}`,
});

export const describeGlobalIndex = (index: IndexDefinition, tableArn: string): IndexDescription => ({
  ...describeIndex(index, tableArn),
  IndexStatus: 'ACTIVE',
  ProvisionedThroughput: describeThroughput(index.ProvisionedThroughput),
});
