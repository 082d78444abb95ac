import type { TableAttribute, TableSchema } from '../../definitions/index.ts';
import type { KeySchemaElement, TableSchema as TableDefinition } from './schema.ts';

type Keyed = Pick<TableSchema, 'partitionKey' | 'sortKey'>;

const keysOf = ({ partitionKey, sortKey }: Keyed): readonly TableAttribute[] =>
  sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];

const keySchemaOf = (keyed: Keyed): readonly KeySchemaElement[] =>
  keysOf(keyed).map(({ name }, index) => ({ AttributeName: name, KeyType: index === 0 ? 'HASH' : 'RANGE' }));

/** The parameters of CreateTable for a table of this schema. */
export function tableDefinition(tableName: string, schema: TableSchema): TableDefinition {
  const { indexes = [] } = schema;
  const attributes = new Map([schema, ...indexes].flatMap(keysOf).map(({ name, type }) => [name, type]));
  return {
    TableName: tableName,
    KeySchema: keySchemaOf(schema),
    AttributeDefinitions: [...attributes].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    GlobalSecondaryIndexes: indexes.map((index) => ({
      IndexName: index.name,
      KeySchema: keySchemaOf(index),
      Projection: { ProjectionType: 'ALL' },
    })),
  };
}
