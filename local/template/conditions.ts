import type { JsonObject } from '../endpoint/service.ts';
import { evaluate, functionCall, type Scope } from './intrinsics.ts';
import { isObject, stringAt, toList } from './json.ts';

/** Whether a condition of the template holds; throws for a name that is not declared or depends on itself. */
export type Conditions = (name: string) => boolean;

export function createConditions(declared: JsonObject, scope: Scope): Conditions {
  const known = new Map<string, boolean>();
  const underway = new Set<string>();

  const holds: Conditions = (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    if (!(name in declared)) throw new ReferenceError(`condition '${name}' is not declared`);
    if (underway.has(name)) throw new RangeError(`condition '${name}' depends on itself`);
    underway.add(name);
    const result = test(declared[name]);
    known.set(name, result);
    return result;
  };

  const test = (expression: unknown): boolean => {
    const reference = stringAt(expression, 'Condition');
    if (reference !== undefined) return holds(reference);
    const { name = '', argument } = functionCall(expression) ?? {};
    const parts = toList(argument);
    switch (name) {
      case 'Fn::And':
        return parts.every(test);
      case 'Fn::Or':
        return parts.some(test);
      case 'Fn::Not':
        return !test(parts[0]);
      case 'Fn::Equals': {
        const [left, right] = parts.map((part) => evaluate(chooseBranches(part, holds), scope));
        return JSON.stringify(left) === JSON.stringify(right);
      }
      default:
        throw new TypeError(`'${JSON.stringify(expression)}' is no condition that the local run knows`);
    }
  };

  return holds;
}

/** Replaces each Fn::If by its branch and leaves out what is AWS::NoValue; `undefined` when the whole value is. */
export function chooseBranches(value: unknown, conditions: Conditions): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => chooseBranches(item, conditions)).filter((item) => item !== undefined);
  }
  if (!isObject(value)) return value;
  const call = functionCall(value);
  if (call?.name === 'Ref' && call.argument === 'AWS::NoValue') return undefined;
  if (call?.name === 'Fn::If') {
    const [name, whenTrue, whenFalse] = toList(call.argument);
    return chooseBranches(conditions(String(name)) ? whenTrue : whenFalse, conditions);
  }
  const members = Object.entries(value).map(([member, item]) => [member, chooseBranches(item, conditions)] as const);
  return Object.fromEntries(members.filter(([, item]) => item !== undefined));
}
