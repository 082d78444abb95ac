import {
  type AttributeDefinition,
  attributeNames,
  type IndexDefinition,
  type KeySchemaElement,
} from '../../lib/testing/dynamodb/schema.ts';

/** Most attributes of each part of a global index's key, since November 2025. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html */
const MAX_KEY_PARTS = 4;

const INVALID = 'One or more parameter values were invalid: ';

/** What DynamoDB says of global indexes beyond what dynalite knows; undefined when they are valid. */
export function indexProblem(
  indexes: readonly IndexDefinition[],
  definitions: readonly AttributeDefinition[],
): string | undefined {
  const defined = definitions.map(({ AttributeName }) => AttributeName);
  for (const { KeySchema, Projection } of indexes) {
    const problem = keyProblem(KeySchema, defined) ?? projectionProblem(Projection);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function keyProblem(keySchema: readonly KeySchemaElement[], defined: readonly string[]): string | undefined {
  const names = attributeNames(keySchema);
  if (keySchema[0]?.KeyType !== 'HASH') return 'Invalid KeySchema: The first KeySchemaElement is not a HASH key type';
  for (const kind of ['HASH', 'RANGE'] as const) {
    if (keySchema.filter(({ KeyType }) => KeyType === kind).length <= MAX_KEY_PARTS) continue;
    return `${INVALID}The KeySchema exceeds the maximum allowed number of ${kind} key attributes`;
  }
  const firstRange = keySchema.findIndex(({ KeyType }) => KeyType === 'RANGE');
  if (firstRange !== -1 && keySchema.slice(firstRange).some(({ KeyType }) => KeyType === 'HASH')) {
    return `${INVALID}All HASH key attributes must precede RANGE key attributes in the KeySchema`;
  }
  if (new Set(names).size < names.length) {
    return names.length === 2 && firstRange === 1
      ? 'Both the Hash Key and the Range Key element in the KeySchema have the same name'
      : 'The KeySchema contains multiple key attributes with the same name';
  }
  if (names.every((name) => defined.includes(name))) return undefined;
  return `${INVALID}Some index key attributes are not defined in AttributeDefinitions. Keys: [${names.join(', ')}], AttributeDefinitions: [${defined.join(', ')}]`;
}

export function projectionProblem(projection: Partial<IndexDefinition['Projection']>): string | undefined {
  const { ProjectionType, NonKeyAttributes } = projection;
  if (ProjectionType === 'INCLUDE' && (NonKeyAttributes ?? []).length === 0) {
    return `${INVALID}ProjectionType is INCLUDE, but NonKeyAttributes is not specified`;
  }
  if (ProjectionType !== 'INCLUDE' && NonKeyAttributes !== undefined) {
    return `${INVALID}ProjectionType is ${ProjectionType}, but NonKeyAttributes is specified`;
  }
  const duplicate = NonKeyAttributes?.find((name, at) => NonKeyAttributes.indexOf(name) < at);
  return duplicate && `${INVALID}Duplicate attribute name in NonKeyAttributes: ${duplicate}`;
}
