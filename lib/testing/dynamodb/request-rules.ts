import { attributeNameProblem } from './attribute-rules.ts';
import { type CheckedItem, checkItem } from './attribute-values.ts';
import { cacheExpressions } from './expression-cache.ts';
import { type ExpressionContext, parseCondition, parseUpdate } from './expression-parser/parse-expression.ts';
import { isReserved } from './expression-parser/reserved-words.ts';
import type { ParsedCondition, ParsedUpdate } from './expressions.ts';
import type { Item } from './item.ts';
import { expressionProblem } from './limits.ts';

/** The expressions of a write, with their names and values. */
export interface Expressions {
  readonly ConditionExpression?: string | undefined;
  readonly UpdateExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Item | undefined;
}

interface Parsed {
  readonly _condition?: ParsedCondition;
  readonly _updates?: ParsedUpdate;
}

interface Problem {
  readonly problem: string;
}

/**
 * A problem of a write that does not depend on the tables' items, or its parts with normalized values and parsed
 * expressions.
 */
type CheckedRequest = Problem | { readonly attributes: Item; readonly parsed: Parsed };

const readCondition = cacheExpressions(parseCondition);
const readUpdate = cacheExpressions(parseUpdate);

/**
 * The rules of PutItem, UpdateItem and DeleteItem, in the service's order.
 * @param attributes the item, or its key
 */
export function checkRequest(member: 'Item' | 'Key', attributes: Item, expressions: Expressions): CheckedRequest {
  const names = { [member]: attributes, ...namesOf(expressions) };
  const problem = expressionProblem(expressions) ?? attributeNameProblem(names) ?? memberProblem(expressions);
  if (problem !== undefined) return { problem };
  const checked = checkItem(attributes);
  if ('problem' in checked) return checked;
  const parsed = parse(expressions);
  return 'problem' in parsed ? parsed : { attributes: checked.item, parsed };
}

const namesOf = ({ ExpressionAttributeNames }: Expressions) =>
  ExpressionAttributeNames === undefined ? {} : { ExpressionAttributeNames };

/** An update always has an expression, because the rules of transactions require it. */
function memberProblem({
  ConditionExpression,
  UpdateExpression,
  ExpressionAttributeNames,
  ExpressionAttributeValues,
}: Expressions): string | undefined {
  if (ConditionExpression !== undefined || UpdateExpression !== undefined) return undefined;
  if (ExpressionAttributeNames !== undefined) {
    return 'ExpressionAttributeNames can only be specified when using expressions';
  }
  if (ExpressionAttributeValues === undefined) return undefined;
  return 'ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null';
}

function parse(expressions: Expressions): Problem | Parsed {
  const { ConditionExpression, UpdateExpression, ExpressionAttributeNames, ExpressionAttributeValues } = expressions;
  const problem =
    placeholderProblem('ExpressionAttributeNames', '#', ExpressionAttributeNames) ??
    placeholderProblem('ExpressionAttributeValues', ':', ExpressionAttributeValues);
  if (problem !== undefined) return { problem };
  const values = checkValues(ExpressionAttributeValues ?? {});
  if ('problem' in values) return values;
  const context: ExpressionContext = {
    attrNames: ExpressionAttributeNames,
    attrVals: values.item,
    unusedAttrNames: { ...ExpressionAttributeNames },
    unusedAttrVals: { ...values.item },
    isReserved,
  };
  const update = UpdateExpression === '' ? EMPTY : UpdateExpression && readUpdate(UpdateExpression, context);
  if (typeof update === 'string') return { problem: `Invalid UpdateExpression: ${update}` };
  const condition =
    ConditionExpression === '' ? EMPTY : ConditionExpression && readCondition(ConditionExpression, context);
  if (typeof condition === 'string') return { problem: `Invalid ConditionExpression: ${condition}` };
  return (
    unusedProblem('ExpressionAttributeNames', context.unusedAttrNames) ??
    unusedProblem('ExpressionAttributeValues', context.unusedAttrVals) ?? {
      ...(update === undefined ? {} : { _updates: update }),
      ...(condition === undefined ? {} : { _condition: condition }),
    }
  );
}

function unusedProblem(member: string, unused: object): Problem | undefined {
  const keys = Object.keys(unused);
  if (keys.length === 0) return undefined;
  return { problem: `Value provided in ${member} unused in expressions: keys: {${keys.join(', ')}}` };
}

const EMPTY = 'The expression can not be empty;';

function placeholderProblem(member: string, mark: '#' | ':', placeholders: object | undefined): string | undefined {
  if (placeholders === undefined) return undefined;
  const keys = Object.keys(placeholders);
  if (keys.length === 0) return `${member} must not be empty`;
  const wrong = keys.find((key) => !key.startsWith(mark) || !/^.[0-9a-zA-Z_]+$/.test(key));
  return wrong === undefined ? undefined : `${member} contains invalid key: Syntax error; key: "${wrong}"`;
}

/** Checked one by one, because the message names the placeholder. */
function checkValues(values: Item): CheckedItem {
  for (const [placeholder, value] of Object.entries(values)) {
    const checked = checkItem({ value });
    if ('problem' in checked) {
      return {
        problem: `ExpressionAttributeValues contains invalid value: ${checked.problem} for key ${placeholder}`,
      };
    }
  }
  return checkItem(values);
}
