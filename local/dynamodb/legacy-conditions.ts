import type { Condition } from '../../lib/testing/dynamodb/expressions.ts';
import type { AttributeValue } from '../../lib/testing/dynamodb/item.ts';

type Operator =
  | 'EQ'
  | 'NE'
  | 'LE'
  | 'LT'
  | 'GE'
  | 'GT'
  | 'NULL'
  | 'NOT_NULL'
  | 'CONTAINS'
  | 'NOT_CONTAINS'
  | 'BEGINS_WITH'
  | 'IN'
  | 'BETWEEN';

/** One attribute of `Expected`, `QueryFilter` or `ScanFilter`: what requests had before there were expressions. */
export interface LegacyCondition {
  readonly ComparisonOperator?: Operator;
  readonly AttributeValueList?: readonly AttributeValue[];
  /** `Expected` only, as `Exists`. */
  readonly Value?: AttributeValue;
  readonly Exists?: boolean;
}

export interface LegacyConditions {
  readonly [attribute: string]: LegacyCondition;
}

const SCALARS: ReadonlySet<string> = new Set(['S', 'N', 'B']);

/** Types that an operator takes; the others take all. */
const OPERAND_TYPES: Partial<Record<Operator, ReadonlySet<string>>> = {
  LE: SCALARS,
  LT: SCALARS,
  GE: SCALARS,
  GT: SCALARS,
  CONTAINS: SCALARS,
  NOT_CONTAINS: SCALARS,
  BEGINS_WITH: new Set(['S', 'B']),
  IN: SCALARS,
  BETWEEN: SCALARS,
};

const valuesOf = ({ AttributeValueList, Value }: LegacyCondition): readonly AttributeValue[] =>
  AttributeValueList ?? (Value === undefined ? [] : [Value]);

/** The operands of all conditions. */
export const legacyValues = (conditions: LegacyConditions): readonly AttributeValue[] =>
  Object.values(conditions).flatMap(valuesOf);

/** What DynamoDB says of them, beside the count of their operands; undefined when they are valid. */
export function legacyProblem(
  conditions: LegacyConditions,
  conditionalOperator: string | undefined,
): string | undefined {
  const all = Object.values(conditions);
  if (conditionalOperator !== undefined && all.length === 0) {
    return 'ConditionalOperator cannot be used without Filter or Expected';
  }
  if (conditionalOperator !== undefined && all.length === 1) {
    return 'ConditionalOperator can only be used when Filter or Expected has two or more elements';
  }
  for (const condition of all) {
    const { ComparisonOperator: operator } = condition;
    const allowed = operator === undefined ? undefined : OPERAND_TYPES[operator];
    const wrong = valuesOf(condition)
      .flatMap((value) => Object.keys(value))
      .find((type) => allowed?.has(type) === false);
    if (wrong !== undefined) {
      return `One or more parameter values were invalid: ComparisonOperator ${operator} is not valid for ${wrong} AttributeValue type`;
    }
  }
  return undefined;
}

/** The condition that says the same; undefined when there is none. The conditions are valid already. */
export function fromLegacyConditions(
  conditions: LegacyConditions,
  conditionalOperator: 'AND' | 'OR' = 'AND',
): Condition | undefined {
  const type = conditionalOperator === 'AND' ? 'and' : 'or';
  const [first, ...others] = Object.entries(conditions).map(([name, condition]) => toCondition(name, condition));
  return others.reduce((chain, next) => chain && { type, args: [chain, next] }, first);
}

function toCondition(name: string, condition: LegacyCondition): Condition {
  const path = [name];
  const values = valuesOf(condition);
  const exists: Condition = { type: 'function', name: 'attribute_exists', args: [path] };
  const contains: Condition = { type: 'function', name: 'contains', args: [path, ...values] };
  switch (condition.ComparisonOperator) {
    case undefined:
      return condition.Exists === false
        ? { type: 'function', name: 'attribute_not_exists', args: [path] }
        : { type: '=', args: [path, ...values] };
    case 'NULL':
      return { type: 'function', name: 'attribute_not_exists', args: [path] };
    case 'NOT_NULL':
      return exists;
    case 'CONTAINS':
      return contains;
    case 'NOT_CONTAINS':
      // false of what is not there, unlike NE
      return { type: 'and', args: [exists, { type: 'not', args: [contains] }] };
    case 'BEGINS_WITH':
      return { type: 'function', name: 'begins_with', args: [path, ...values] };
    case 'IN':
      return { type: 'in', args: [path, ...values] };
    case 'BETWEEN':
      return { type: 'between', args: [path, ...values] };
    default:
      return { type: COMPARATORS[condition.ComparisonOperator], args: [path, ...values] };
  }
}

const COMPARATORS = { EQ: '=', NE: '<>', LE: '<=', LT: '<', GE: '>=', GT: '>' } as const;
