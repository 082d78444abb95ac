import type { AttributeValue, Item } from './item.ts';

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_EXPRESSION_BYTES = 4096;
const MAX_NESTING_LEVELS = 32;
const MAX_KEY_BYTES = { HASH: 2048, RANGE: 1024 } as const;

const EXPRESSIONS = [
  'ConditionExpression',
  'FilterExpression',
  'KeyConditionExpression',
  'ProjectionExpression',
  'UpdateExpression',
] as const;

/** DynamoDB's message about a request's first expression that is too long. Placeholders count with their own length. */
export function expressionProblem(request: Partial<Record<(typeof EXPRESSIONS)[number], unknown>>): string | undefined {
  for (const name of EXPRESSIONS) {
    const expression = request[name];
    const bytes = typeof expression === 'string' ? Buffer.byteLength(expression) : 0;
    if (bytes > MAX_EXPRESSION_BYTES) {
      return `Invalid ${name}: Expression size has exceeded the maximum allowed size; expression size: ${bytes}`;
    }
  }
  return undefined;
}

/** DynamoDB's message about an item with too many nested maps and lists: at most 31 around a value. */
export const nestingProblem = (item: Item): string | undefined =>
  Object.values(item).every((value) => isWithin(value, MAX_NESTING_LEVELS))
    ? undefined
    : 'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit';

function isWithin(value: AttributeValue, levels: number): boolean {
  const members = value.L ?? (value.M && Object.values(value.M));
  return levels > 0 && (members === undefined || members.every((member) => isWithin(member, levels - 1)));
}

/** DynamoDB's message about a key attribute that is too long; numbers never are. */
export function keySizeProblem({ S, B }: AttributeValue, keyType: keyof typeof MAX_KEY_BYTES): string | undefined {
  const bytes = S === undefined ? Buffer.byteLength(B ?? '', 'base64') : Buffer.byteLength(S);
  if (bytes <= MAX_KEY_BYTES[keyType]) return undefined;
  return keyType === 'HASH'
    ? 'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes'
    : 'One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes';
}
