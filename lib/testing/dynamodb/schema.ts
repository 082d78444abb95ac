/** The schema of a table, as in CreateTable and DescribeTable. */
export interface KeySchemaElement {
  readonly AttributeName: string;
  readonly KeyType: 'HASH' | 'RANGE';
}

interface Projection {
  readonly ProjectionType: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  readonly NonKeyAttributes?: readonly string[];
}

export interface Throughput {
  readonly ReadCapacityUnits: number;
  readonly WriteCapacityUnits: number;
}

export interface IndexDefinition {
  readonly IndexName: string;
  readonly KeySchema: readonly KeySchemaElement[];
  readonly Projection: Projection;
  readonly ProvisionedThroughput?: Throughput;
}

export interface AttributeDefinition {
  readonly AttributeName: string;
  readonly AttributeType: 'S' | 'N' | 'B';
}

/** The parts of a table's definition that describe keys and indexes. */
export interface TableSchema {
  readonly TableName: string;
  readonly KeySchema: readonly KeySchemaElement[];
  readonly AttributeDefinitions: readonly AttributeDefinition[];
  readonly LocalSecondaryIndexes?: readonly IndexDefinition[] | undefined;
  readonly GlobalSecondaryIndexes?: readonly IndexDefinition[] | undefined;
}

export const attributeNames = (keySchema: readonly KeySchemaElement[]): string[] =>
  keySchema.map((element) => element.AttributeName);

export const indexesOf = (schema: TableSchema): readonly IndexDefinition[] => [
  ...(schema.LocalSecondaryIndexes ?? []),
  ...(schema.GlobalSecondaryIndexes ?? []),
];

/** `S`, `N` or `B`; undefined for an attribute that is not part of a key. */
export const keyTypeOf = (schema: TableSchema, name: string): AttributeDefinition['AttributeType'] | undefined =>
  schema.AttributeDefinitions.find((definition) => definition.AttributeName === name)?.AttributeType;
