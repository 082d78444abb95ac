import type { TableAttribute, TableIndex, TableSchema } from '../definitions/index.ts';

/** The table that holds a generation of a view, and the part of its schema that the stored items depend on. */
export interface GenerationSchema extends Pick<TableSchema, 'partitionKey' | 'sortKey'> {
  readonly indexes: readonly TableIndex[];
  /** CloudFormation replaces the table when its key changes; the new table has another name. */
  readonly tableName: string;
}

export const generationSchemaOf = (
  { partitionKey, sortKey, indexes = [] }: TableSchema,
  tableName: string,
): GenerationSchema => ({
  tableName,
  partitionKey,
  ...(sortKey === undefined ? {} : { sortKey }),
  indexes,
});

/** Whether both have the same table and key. */
const isSameTable = (made: GenerationSchema, own: GenerationSchema): boolean =>
  made.tableName === own.tableName && keyText(made) === keyText(own);

/**
 * Whether both can answer the same queries. An unknown schema, of a generation that older code built, counts as equal.
 */
export const isSameView = (made: GenerationSchema | undefined, own: GenerationSchema): boolean =>
  made === undefined ||
  (isSameTable(made, own) && [...made.indexes, ...own.indexes].every(({ name }) => isSameIndex(made, own, name)));

/** Whether both have the same index; always true for the table itself, which has no name. */
const isSameIndex = (made: GenerationSchema, own: GenerationSchema, name: string | undefined): boolean =>
  keyText(indexOf(made, name)) === keyText(indexOf(own, name));

/** The schema of the generation's stored items, which may differ from the view's current schema. */
export const schemaOf = (
  view: TableSchema,
  { madeIn }: { readonly madeIn?: GenerationSchema | undefined },
): TableSchema => madeIn ?? view;

const describeTable = (made: GenerationSchema): string => `table '${made.tableName}' with the key ${keyText(made)}`;

/**
 * Describes the change because of which the generation cannot answer; undefined if it can.
 * @param indexName the queried index; undefined for the table
 */
export function changeSince(
  { madeIn, abandoned = false }: { readonly madeIn?: GenerationSchema | undefined; readonly abandoned?: boolean },
  own: GenerationSchema,
  indexName?: string,
): string | undefined {
  if (madeIn !== undefined && !isSameTable(madeIn, own)) {
    return `${describeTable(own)} replaced ${describeTable(madeIn)}`;
  }
  if (abandoned) return 'its table was replaced and it received no events';
  if (madeIn !== undefined && !isSameIndex(madeIn, own, indexName)) {
    return `index '${indexName}' of its table was added or changed`;
  }
  return undefined;
}

const indexOf = ({ indexes }: GenerationSchema, name: string | undefined): TableIndex | undefined =>
  indexes.find((index) => index.name === name);

const keyText = (keyed: Pick<TableSchema, 'partitionKey' | 'sortKey'> | undefined): string =>
  [keyed?.partitionKey, keyed?.sortKey].flatMap((key) => attributeText(key)).join(' and ');

const attributeText = (attribute: TableAttribute | undefined): readonly string[] =>
  attribute === undefined ? [] : [`'${attribute.name}' (${attribute.type})`];
