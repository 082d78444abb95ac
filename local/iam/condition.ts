import { shown } from '../../lib/definitions/index.ts';
import { type ConditionOperator, operatorNamed } from './condition-operators.ts';
import { filledText } from './pattern.ts';
import type { RequestContext } from './request-context.ts';

/** One operator with one key of a statement's Condition. */
export interface Condition {
  holds(context: RequestContext): boolean;
  /** Where it does not hold: which values of the request do not pass which values of the policy. */
  describeFailure(context: RequestContext): string;
}

type Quantifier = 'ForAllValues' | 'ForAnyValue';

interface OperatorName {
  /** As the policy writes it. */
  readonly text: string;
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
  return {
    text: name,
    operator,
    quantifier: isQuantifier(quantifier) ? quantifier : undefined,
    ifExists: ifExists !== undefined,
  };
}

/**
 * A key that the request does not have: a positive operator does not match, a negated one does, `…IfExists` and
 * `ForAllValues` match.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function compileCondition(name: OperatorName, key: string, values: readonly string[]): Condition {
  const { operator, quantifier, ifExists } = name;
  const contextKey = key.toLowerCase();
  const failureOf = (given: readonly string[], context: RequestContext) => {
    const has = given.length === 0 ? `${key}, which the request does not have,` : `${key} ${listed(given)}`;
    return `${has} does not pass ${name.text} ${listed(values.map((value) => filledText(value, context) ?? value))}`;
  };
  if (operator.kind === 'presence') {
    return {
      holds: (context) => values.some((value) => (value.toLowerCase() === 'true') === isAbsent(context(contextKey))),
      describeFailure: (context) => failureOf(context(contextKey) ?? [], context),
    };
  }
  const tests = values.map(operator.compile);
  const { negated } = operator;
  const holdsFor = (value: string, context: RequestContext) => tests.some((test) => test(value, context)) !== negated;

  return {
    holds(context) {
      const given = context(contextKey);
      if (given === undefined || given.length === 0) {
        if (quantifier === 'ForAllValues') return true;
        return ifExists || (quantifier === undefined && negated);
      }
      return quantifier === 'ForAnyValue'
        ? given.some((value) => holdsFor(value, context))
        : given.every((value) => holdsFor(value, context));
    },
    describeFailure(context) {
      const failing = (context(contextKey) ?? []).filter((value) => !holdsFor(value, context));
      return failureOf(failing, context);
    },
  };
}

const MOST_LISTED = 3;

function listed(values: readonly string[]): string {
  const more = values.length > MOST_LISTED ? ` and ${values.length - MOST_LISTED} more` : '';
  return `${values.slice(0, MOST_LISTED).map(shown).join(', ')}${more}`;
}

const isQuantifier = (text: string | undefined): text is Quantifier =>
  text === 'ForAllValues' || text === 'ForAnyValue';

const isAbsent = (values: readonly string[] | undefined): boolean => values === undefined || values.length === 0;
