import type { TableAttribute, TableIndex, TableSchema } from '../contracts/index.ts';

/** The table that a generation of a view is stored in, and what of its schema the stored items depend on. */
export interface MadeIn extends Pick<TableSchema, 'partitionKey' | 'sortKey'> {
  readonly indexes: readonly TableIndex[];
  /** CloudFormation gives another name to the table that takes a table's place, as it does when the key changes. */
  readonly tableName: string;
}

export const madeInOf = ({ partitionKey, sortKey, indexes = [] }: TableSchema, tableName: string): MadeIn => ({
  tableName,
  partitionKey,
  ...(sortKey === undefined ? {} : { sortKey }),
  indexes,
});

/** Whether items of the one can be found by the key of the other. */
const isSameTable = (made: MadeIn, own: MadeIn): boolean =>
  made.tableName === own.tableName && keyText(made) === keyText(own);

/** Whether every query of the one is answered by the other. Unknown: from before it was kept, and taken for it. */
export const isSameView = (made: MadeIn | undefined, own: MadeIn): boolean =>
  made === undefined ||
  (isSameTable(made, own) && [...made.indexes, ...own.indexes].every(({ name }) => isSameIndex(made, own, name)));

/** Whether the index holds all of a generation's items; the table itself, which has no name, does. */
const isSameIndex = (made: MadeIn, own: MadeIn, name: string | undefined): boolean =>
  keyText(indexOf(made, name)) === keyText(indexOf(own, name));

/** The schema that the generation's items are stored by, whatever the view's has become since. */
export const schemaOf = (view: TableSchema, { madeIn }: { readonly madeIn?: MadeIn | undefined }): TableSchema =>
  madeIn ?? view;

const describeTable = (made: MadeIn): string => `table '${made.tableName}' with the key ${keyText(made)}`;

/**
 * What was changed since the generation was made, so that it cannot answer; undefined where it can.
 * @param indexName that is asked for; undefined: the table
 */
export function changeSince(
  { madeIn, abandoned = false }: { readonly madeIn?: MadeIn | undefined; readonly abandoned?: boolean },
  own: MadeIn,
  indexName?: string,
): string | undefined {
  if (madeIn !== undefined && !isSameTable(madeIn, own)) {
    return `${describeTable(own)} has taken the place of ${describeTable(madeIn)}`;
  }
  if (abandoned) return 'another table had taken the place of its own, and events have passed it by,';
  if (madeIn !== undefined && !isSameIndex(madeIn, own, indexName)) {
    return `index '${indexName}' of its table was added or changed`;
  }
  return undefined;
}

const indexOf = ({ indexes }: MadeIn, name: string | undefined): TableIndex | undefined =>
  indexes.find((index) => index.name === name);

const keyText = (keyed: Pick<TableSchema, 'partitionKey' | 'sortKey'> | undefined): string =>
  [keyed?.partitionKey, keyed?.sortKey].flatMap((key) => attributeText(key)).join(' and ');

const attributeText = (attribute: TableAttribute | undefined): readonly string[] =>
  attribute === undefined ? [] : [`'${attribute.name}' (${attribute.type})`];
