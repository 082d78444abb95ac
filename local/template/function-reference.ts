import type { JsonObject } from '../endpoint/service.ts';
import { type FunctionReference, parseFunctionReference } from '../lambda/function-reference.ts';
import { requiredText } from './property-values.ts';

/** The function that a property names. @throws TypeError when it names none. */
export function functionAt(properties: JsonObject, name: string): FunctionReference {
  const text = requiredText(properties, name);
  const reference = parseFunctionReference(text);
  if (reference === undefined)
    throw new TypeError(`property '${name}' is '${text}', expected a function's name or ARN`);
  return reference;
}
