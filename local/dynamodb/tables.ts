import { itemSizeBytes } from '../../lib/testing/dynamodb/item-size.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { Database } from './database.ts';
import type { Table } from './table.ts';
import type { StreamSpecification, TableDescription } from './table-description.ts';

/** Control-plane calls name the table in their error, unlike reads and writes. */
export function existing(database: Database, name: string): Table {
  const table = database.tables.get(name);
  if (table !== undefined) return table;
  throw new AwsError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);
}

export function describe(table: Table): TableDescription & { ItemCount: number; TableSizeBytes: number } {
  const bytes = [...table.items.entries({})].reduce((sum, [, item]) => sum + itemSizeBytes(item), 0);
  return { ...table.description, ItemCount: table.items.size(), TableSizeBytes: bytes };
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
      'One or more parameter values were invalid: StreamSpecification is enabled but StreamViewType is missing',
    );
  }
  if (table.stream !== undefined) {
    throw new AwsError(
      'ValidationException',
      `Table already has an enabled stream: ${table.description.TableName}: Cannot update stream`,
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
