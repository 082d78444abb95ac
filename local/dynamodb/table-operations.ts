import { AwsError } from '../endpoint/aws-error.ts';
import type { Database } from './database.ts';
import { parseRequest } from './dynalite.ts';
import type { Operations } from './operation.ts';
import { createTable } from './table.ts';
import { type CreateTableRequest, describeNewTable } from './table-description.ts';
import { TABLE_SHAPES } from './table-shapes.ts';
import { describe, describeDeleted, existing, setStream } from './tables.ts';
import { checkTags } from './tag-rules.ts';
import { createUpdateTable } from './update-table.ts';

interface NamedTable {
  readonly TableName: string;
}

interface ListTablesRequest {
  readonly Limit?: number;
  readonly ExclusiveStartTableName?: string;
}

const MAX_LISTED = 100;

/** CreateTable, DescribeTable, UpdateTable, DeleteTable, ListTables; all take effect at once. */
export function createTableOperations(database: Database): Operations {
  return {
    CreateTable(input) {
      const request = parseRequest<CreateTableRequest>(TABLE_SHAPES.CreateTable, input);
      const { TableName, StreamSpecification, Tags = [] } = request;
      if (database.tables.has(TableName)) {
        throw new AwsError('ResourceInUseException', `Table already exists: ${TableName}`);
      }
      const table = createTable(describeNewTable(request, database.tableArn(TableName), database.clock.now()));
      checkTags(Tags);
      if (StreamSpecification !== undefined) setStream(database, table, StreamSpecification);
      for (const tag of Tags) table.tags.set(tag.Key, tag.Value);
      database.tables.set(TableName, table);
      return { TableDescription: describe(table) };
    },
    DescribeTable(input) {
      const { TableName } = parseRequest<NamedTable>(TABLE_SHAPES.DescribeTable, input);
      return { Table: describe(existing(database, TableName)) };
    },
    UpdateTable: createUpdateTable(database),
    DeleteTable(input) {
      const { TableName } = parseRequest<NamedTable>(TABLE_SHAPES.DeleteTable, input);
      const table = existing(database, TableName);
      if (table.description.DeletionProtectionEnabled === true) {
        throw new AwsError(
          'ValidationException',
          'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
        );
      }
      const described = describe(table);
      database.drop(table);
      return { TableDescription: describeDeleted(described) };
    },
    ListTables(input) {
      const request = parseRequest<ListTablesRequest>(TABLE_SHAPES.ListTables, input);
      const { Limit = MAX_LISTED, ExclusiveStartTableName: after = '' } = request;
      const names = [...database.tables.keys()].sort().filter((name) => name > after);
      const listed = names.slice(0, Limit);
      return { TableNames: listed, ...(names.length > Limit ? { LastEvaluatedTableName: listed.at(-1) } : {}) };
    },
  };
}
