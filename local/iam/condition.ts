import { type ConditionOperator, operatorNamed } from './condition-operators.ts';
import type { RequestContext } from './request-context.ts';

/** One operator with one key of a statement's Condition. */
export type Condition = (context: RequestContext) => boolean;

type Quantifier = 'ForAllValues' | 'ForAnyValue';

interface OperatorName {
  readonly operator: ConditionOperator;
  readonly quantifier: Quantifier | undefined;
  readonly ifExists: boolean;
}

/** Reads `ForAllValues:StringLikeIfExists` and the like; undefined when there is no such operator. */
export function parseOperatorName(name: string): OperatorName | undefined {
  const [, quantifier, base = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(.+?)(IfExists)?$/.exec(name) ?? [];
  const operator = operatorNamed(base);
  // Null asks whether the key exists: IfExists makes no sense with it
  if (operator === undefined || (operator.kind === 'presence' && ifExists !== undefined)) return undefined;
  return { operator, quantifier: isQuantifier(quantifier) ? quantifier : undefined, ifExists: ifExists !== undefined };
}

/**
 * A key that the request does not have: a positive operator does not match, a negated one does, `…IfExists` and
 * `ForAllValues` match.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function compileCondition(name: OperatorName, key: string, values: readonly string[]): Condition {
  const { operator, quantifier, ifExists } = name;
  const contextKey = key.toLowerCase();
  if (operator.kind === 'presence') {
    return (context) => values.some((value) => (value.toLowerCase() === 'true') === isAbsent(context(contextKey)));
  }
  const tests = values.map(operator.compile);
  const { negated } = operator;
  const holdsFor = (value: string, context: RequestContext) => tests.some((test) => test(value, context)) !== negated;

  return (context) => {
    const given = context(contextKey);
    if (given === undefined || given.length === 0) {
      if (quantifier === 'ForAllValues') return true;
      return ifExists || (quantifier === undefined && negated);
    }
    return quantifier === 'ForAnyValue'
      ? given.some((value) => holdsFor(value, context))
      : given.every((value) => holdsFor(value, context));
  };
}

const isQuantifier = (text: string | undefined): text is Quantifier =>
  text === 'ForAllValues' || text === 'ForAnyValue';

const isAbsent = (values: readonly string[] | undefined): boolean => values === undefined || values.length === 0;
