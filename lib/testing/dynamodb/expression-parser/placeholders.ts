import { ownMember } from '../../../definitions/index.ts';
import type { AttributeValue } from '../item.ts';
import { ExpressionProblem } from './problem.ts';

/** The names and values of a request. Those that an expression uses are deleted from `unused…`. */
export interface ParseContext {
  readonly attrNames?: Readonly<Record<string, string>> | undefined;
  readonly attrVals?: Readonly<Record<string, AttributeValue>> | undefined;
  readonly unusedAttrNames: Record<string, unknown>;
  readonly unusedAttrVals: Record<string, unknown>;
}

/** @throws ExpressionProblem if the request does not define it */
export function nameOf(placeholder: string, { attrNames, unusedAttrNames }: ParseContext): string {
  const name = ownMember(attrNames ?? {}, placeholder);
  if (name === undefined) {
    throw new ExpressionProblem(
      `An expression attribute name used in the document path is not defined; attribute name: ${placeholder}`,
    );
  }
  delete unusedAttrNames[placeholder];
  return name;
}

/** @throws ExpressionProblem if the request does not define it */
export function requestValueOf(placeholder: string, { attrVals, unusedAttrVals }: ParseContext): AttributeValue {
  const value = ownMember(attrVals ?? {}, placeholder);
  if (value === undefined) {
    throw new ExpressionProblem(
      `An expression attribute value used in expression is not defined; attribute value: ${placeholder}`,
    );
  }
  delete unusedAttrVals[placeholder];
  return value;
}
