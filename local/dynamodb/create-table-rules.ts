import { attributeNames, indexesOf, type TableSchema } from '../../lib/testing/dynamodb/schema.ts';
import { indexProblem, projectionProblem } from './index-rules.ts';
import { shapeOf } from './request-rules.ts';

const createTable = shapeOf('createTable');

/** CreateTable's rules: dynalite's, and what it does not know. */
export function createTableProblem(
  request: TableSchema,
  store: Parameters<NonNullable<typeof createTable.custom>>[1],
): string | null | undefined {
  const { AttributeDefinitions, LocalSecondaryIndexes = [], GlobalSecondaryIndexes } = request;
  const names = AttributeDefinitions.map(({ AttributeName }) => AttributeName);
  const duplicate = names.find((name, index) => names.indexOf(name) < index);
  if (duplicate !== undefined)
    return `One or more parameter values were invalid: Attribute Name is duplicated: ${duplicate}`;
  return (
    createTable.custom?.(withShortKeys(request), store) ??
    indexProblem(GlobalSecondaryIndexes ?? [], AttributeDefinitions) ??
    LocalSecondaryIndexes.map(({ Projection }) => projectionProblem(Projection)).find((each) => each !== undefined) ??
    unusedDefinition(request, names)
  );
}

/** dynalite takes one attribute for each part of a key; the rules for more are ours. */
function withShortKeys(request: TableSchema): TableSchema {
  const { GlobalSecondaryIndexes } = request;
  if (GlobalSecondaryIndexes === undefined) return request;
  const shorten = GlobalSecondaryIndexes.map((index) => {
    const isLong = index.KeySchema.filter(({ KeyType }) => KeyType === 'HASH').length > 1 || index.KeySchema.length > 2;
    return isLong ? { ...index, KeySchema: index.KeySchema.slice(0, 1) } : index;
  });
  return { ...request, GlobalSecondaryIndexes: shorten };
}

function unusedDefinition(request: TableSchema, names: readonly string[]): string | undefined {
  const used = new Set([request, ...indexesOf(request)].flatMap(({ KeySchema }) => attributeNames(KeySchema)));
  if (names.every((name) => used.has(name))) return undefined;
  return `One or more parameter values were invalid: Some AttributeDefinitions are not used. AttributeDefinitions: [${names.join(', ')}], keys used: [${[...used].join(', ')}]`;
}
