import { ownMember } from '../../lib/definitions/index.ts';
import { isObject, stringAt, toList } from './json.ts';

/** What the names in a template stand for. Every lookup throws when it knows no such name. */
export interface Scope {
  readonly region: string;
  ref(name: string): unknown;
  getAtt(logicalId: string, attribute: string): unknown;
  findInMap(mapName: string, topLevelKey: string, secondLevelKey: string): unknown;
  importValue(exportName: string): unknown;
  stackOutput(stackName: string, outputName: string): unknown;
}

type Evaluate = (value: unknown) => unknown;

const FUNCTIONS: Readonly<Record<string, (argument: unknown, scope: Scope, evaluate: Evaluate) => unknown>> = {
  Ref: (name, scope) => scope.ref(String(name)),
  'Fn::GetAtt': (argument, scope) => {
    const { logicalId, attribute } = readGetAtt(argument);
    return scope.getAtt(logicalId, attribute);
  },
  'Fn::Join': (argument, _, evaluate) => {
    const [delimiter, parts] = toList(argument);
    return toList(evaluate(parts)).map(String).join(String(delimiter));
  },
  'Fn::Sub': (argument, scope, evaluate) => {
    const { text, variables } = readSub(argument);
    return text.replaceAll(PLACEHOLDER, (_, literal: string, name: string) => {
      if (literal !== '') return `\${${name}}`;
      return String(name in variables ? evaluate(variables[name]) : evaluateName(name, scope));
    });
  },
  'Fn::Select': (argument, _, evaluate) => {
    const [index, values] = toList(argument).map(evaluate);
    const list = toList(values);
    const selected = list[Number(index)];
    if (selected === undefined) throw new RangeError(`Fn::Select has no item ${String(index)} in ${list.length} items`);
    return selected;
  },
  'Fn::Split': (argument, _, evaluate) => {
    const [delimiter, text] = toList(argument).map(evaluate);
    return String(text).split(String(delimiter));
  },
  'Fn::Base64': (argument, _, evaluate) => Buffer.from(String(evaluate(argument))).toString('base64'),
  'Fn::GetAZs': (argument, scope, evaluate) => {
    const region = String(evaluate(argument)) || scope.region;
    return ['a', 'b', 'c'].map((zone) => `${region}${zone}`);
  },
  'Fn::FindInMap': (argument, scope, evaluate) => {
    const [mapName, topLevelKey, secondLevelKey] = toList(argument).map(evaluate).map(String);
    return scope.findInMap(mapName ?? '', topLevelKey ?? '', secondLevelKey ?? '');
  },
  'Fn::ImportValue': (argument, scope, evaluate) => scope.importValue(String(evaluate(argument))),
  'Fn::GetStackOutput': (argument, scope, evaluate) => {
    const { StackName, OutputName } = asStackOutput(evaluate(argument));
    return scope.stackOutput(StackName, OutputName);
  },
};

/** `${Name}`, `${Id.Attribute}` and the literal `${!Name}` of Fn::Sub. */
const PLACEHOLDER = /\$\{(!?)([^!{}][^{}]*)\}/g;

/** The function that an object like `{"Fn::Join": …}` calls; `undefined` for plain data. */
export function functionCall(value: unknown): { readonly name: string; readonly argument: unknown } | undefined {
  if (!isObject(value)) return undefined;
  const [name, ...others] = Object.keys(value);
  if (name === undefined || others.length > 0) return undefined;
  return name === 'Ref' || name.startsWith('Fn::') ? { name, argument: value[name] } : undefined;
}

export const isKnownFunction = (name: string): boolean => Object.hasOwn(FUNCTIONS, name);

/** The value with every function applied. `Fn::If` and `AWS::NoValue` are gone already: see `chooseBranches`. */
export function evaluate(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => evaluate(item, scope));
  if (!isObject(value)) return value;
  const call = functionCall(value);
  if (call === undefined) {
    return Object.fromEntries(Object.entries(value).map(([member, item]) => [member, evaluate(item, scope)]));
  }
  const apply = ownMember(FUNCTIONS, call.name);
  if (apply === undefined) throw new TypeError(`function '${call.name}' is not known to the local run`);
  return apply(call.argument, scope, (inner) => evaluate(inner, scope));
}

/** `["Id", "Attribute"]` or `"Id.Attribute"`; attributes may hold dots themselves. */
export function readGetAtt(argument: unknown): { readonly logicalId: string; readonly attribute: string } {
  const [logicalId = '', ...attribute] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
  return { logicalId, attribute: attribute.join('.') };
}

/** The text of Fn::Sub, the variables that it brings along, and the names in the text that it does not bring. */
export function readSub(argument: unknown) {
  const [text, given] = toList(argument);
  const variables = isObject(given) ? given : {};
  const placeholders = [...String(text).matchAll(PLACEHOLDER)].filter(([, literal]) => literal === '');
  const names = placeholders.map(([, , name = '']) => name).filter((name) => !(name in variables));
  return { text: String(text), variables, names };
}

const evaluateName = (name: string, scope: Scope): unknown => {
  if (!name.includes('.')) return scope.ref(name);
  const { logicalId, attribute } = readGetAtt(name);
  return scope.getAtt(logicalId, attribute);
};

const asStackOutput = (argument: unknown) => ({
  StackName: stringAt(argument, 'StackName') ?? '',
  OutputName: stringAt(argument, 'OutputName') ?? '',
});
