import type { Item } from '../../lib/testing/dynamodb/item.ts';
import { itemSizeBytes } from '../../lib/testing/dynamodb/item-size.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { Database } from './database.ts';
import type { SortedMap } from './sorted-map.ts';
import type { Table } from './table.ts';
import type { StreamSpecification, TableDescription } from './table-description.ts';

/** Control-plane calls name the table in their error, unlike reads and writes. */
export function existing(database: Database, name: string): Table {
  const table = database.tables.get(name);
  if (table !== undefined) return table;
  throw new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);
}

export function describe(table: Table): TableDescription & Statistics {
  const { description } = table;
  const withStatistics = <Index extends { readonly IndexName: string }>(index: Index) => {
    const { ItemCount, bytes } = statisticsOf(table.indexes.get(index.IndexName));
    return { ...index, ItemCount, IndexSizeBytes: bytes };
  };
  const { LocalSecondaryIndexes: local, GlobalSecondaryIndexes: global } = description;
  const { ItemCount, bytes } = statisticsOf(table.items);
  return {
    ...description,
    ...(local === undefined ? {} : { LocalSecondaryIndexes: local.map(withStatistics) }),
    ...(global === undefined ? {} : { GlobalSecondaryIndexes: global.map(withStatistics) }),
    ItemCount,
    TableSizeBytes: bytes,
  };
}

/** As DeleteTable answers: what makes up the table is gone already. */
export function describeDeleted(description: ReturnType<typeof describe>): object {
  const {
    AttributeDefinitions: _definitions,
    KeySchema: _keys,
    CreationDateTime: _createdAt,
    LocalSecondaryIndexes: _local,
    GlobalSecondaryIndexes: _global,
    ...left
  } = description;
  return { ...left, TableStatus: 'DELETING' };
}

interface Statistics {
  readonly ItemCount: number;
  readonly TableSizeBytes: number;
}

function statisticsOf(items: SortedMap<Item> | undefined): { readonly ItemCount: number; readonly bytes: number } {
  const bytes = [...(items?.entries({}) ?? [])].reduce((sum, [, item]) => sum + itemSizeBytes(item), 0);
  return { ItemCount: items?.size() ?? 0, bytes };
}

/** @throws AwsError `ValidationException` when the stream already is what is asked for. */
export function setStream(database: Database, table: Table, specification: StreamSpecification): void {
  const { StreamEnabled, StreamViewType } = specification;
  if (!StreamEnabled) {
    table.stream?.close();
    table.stream = undefined;
    table.description = { ...table.description, StreamSpecification: undefined };
    return;
  }
  if (StreamViewType === undefined) {
    throw new AwsError(
      'ValidationException',
      'One or more parameter values were invalid: If stream is being enabled then UpdateViewType is required',
    );
  }
  if (table.stream !== undefined) {
    throw new AwsError(
      'ValidationException',
      `Table already has an enabled stream: TableName: ${table.description.TableName}`,
    );
  }
  const { arn, label } = database.openStream(table, StreamViewType).options;
  table.description = {
    ...table.description,
    StreamSpecification: specification,
    LatestStreamArn: arn,
    LatestStreamLabel: label,
  };
}
