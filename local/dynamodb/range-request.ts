import type { ParsedProjection } from '../../lib/testing/dynamodb/expressions.ts';
import type { AttributeValue, Item } from '../../lib/testing/dynamodb/item.ts';
import {
  attributeNames,
  type IndexDefinition,
  indexesOf,
  type TableSchema,
} from '../../lib/testing/dynamodb/schema.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { CapacityDetail } from './consumed-capacity.ts';
import type { FilterCondition } from './request-rules.ts';
import type { KeyRange } from './sorted-map.ts';

export interface KeyCondition {
  readonly ComparisonOperator: string;
  readonly AttributeValueList: readonly AttributeValue[];
}

/** A Query or Scan whose members are valid by themselves. */
export interface RangeRequest {
  readonly TableName: string;
  readonly IndexName?: string;
  readonly ConsistentRead?: boolean;
  readonly KeyConditions?: Readonly<Record<string, KeyCondition>>;
  readonly ExclusiveStartKey?: Item;
  readonly ScanIndexForward?: boolean;
  readonly Limit?: number;
  readonly Segment?: number;
  readonly TotalSegments?: number;
  readonly Select?: 'ALL_ATTRIBUTES' | 'ALL_PROJECTED_ATTRIBUTES' | 'SPECIFIC_ATTRIBUTES' | 'COUNT';
  readonly AttributesToGet?: readonly string[];
  readonly ReturnConsumedCapacity?: CapacityDetail;
  readonly _projection?: ParsedProjection;
  readonly _filter?: FilterCondition;
}

/** What a Query or Scan reads: a table or one of its indexes. */
export interface Source {
  readonly schema: TableSchema;
  readonly keySchema: TableSchema['KeySchema'];
  readonly index: (IndexDefinition & { readonly isLocal: boolean }) | undefined;
  /** Of a start key. */
  readonly keyNames: readonly string[];
}

export interface ReadPlan {
  readonly source: Source;
  readonly range: KeyRange;
}

export const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** @throws AwsError `ValidationException` */
export function sourceOf(schema: TableSchema, { IndexName, ConsistentRead }: RangeRequest): Source {
  const keyNames = attributeNames(schema.KeySchema);
  if (IndexName === undefined) return { schema, keySchema: schema.KeySchema, index: undefined, keyNames };
  const definition = indexesOf(schema).find((index) => index.IndexName === IndexName);
  if (definition === undefined) throw invalid(`The table does not have the specified index: ${IndexName}`);
  const isLocal = schema.LocalSecondaryIndexes?.some((index) => index.IndexName === IndexName) === true;
  if (!isLocal && ConsistentRead === true) {
    throw invalid('Consistent reads are not supported on global secondary indexes');
  }
  const names = [...new Set([...keyNames, ...attributeNames(definition.KeySchema)])];
  return { schema, keySchema: definition.KeySchema, index: { ...definition, isLocal }, keyNames: names };
}

/** The part of a start key that is the key of the table. */
export const tableKeyOf = (startKey: Item, schema: TableSchema): Item =>
  Object.fromEntries(
    attributeNames(schema.KeySchema).flatMap((name) => {
      const value = startKey[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
