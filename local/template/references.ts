import { functionCall, readGetAtt, readSub } from './intrinsics.ts';
import { isObject, toList } from './json.ts';

/** What a value of a template leans on. */
export type Reference =
  | { readonly kind: 'ref'; readonly name: string }
  | { readonly kind: 'attribute'; readonly logicalId: string; readonly attribute: string }
  | { readonly kind: 'function'; readonly name: string; readonly argument: unknown };

/** Every name and function that `value` uses, however deep. */
export function* referencesIn(value: unknown): Generator<Reference> {
  if (Array.isArray(value)) {
    for (const item of value) yield* referencesIn(item);
    return;
  }
  const call = functionCall(value);
  if (call === undefined) {
    if (isObject(value)) yield* referencesIn(Object.values(value));
    return;
  }
  const { name, argument } = call;
  if (name === 'Ref') yield { kind: 'ref', name: String(argument) };
  else if (name === 'Fn::GetAtt') yield { kind: 'attribute', ...readGetAtt(argument) };
  else {
    yield { kind: 'function', name, argument };
    if (name === 'Fn::Sub') yield* referencesOfSub(argument);
    else yield* referencesIn(isObject(argument) ? Object.values(argument) : toList(argument));
  }
}

/** Logical ids and parameters that `value` uses, however deep. */
export const namesUsedIn = (value: unknown): readonly string[] =>
  [...referencesIn(value)].flatMap((reference) => {
    if (reference.kind === 'ref') return [reference.name];
    return reference.kind === 'attribute' ? [reference.logicalId] : [];
  });

function* referencesOfSub(argument: unknown): Generator<Reference> {
  const { variables, names } = readSub(argument);
  for (const name of names) {
    if (name.includes('.')) yield { kind: 'attribute', ...readGetAtt(name) };
    else yield { kind: 'ref', name };
  }
  yield* referencesIn(Object.values(variables));
}
