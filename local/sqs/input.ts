import type { JsonObject } from '../endpoint/service.ts';
import { malformedInput, missingParameter } from './errors.ts';

/** Typed access to the members of a request; a member of another type is refused as the service refuses it. */
export interface Input {
  /** @throws AwsError `MissingParameter` when absent. */
  string(name: string): string;
  optionalString(name: string): string | undefined;
  /** @throws AwsError `MissingParameter` when absent. */
  integer(name: string): number;
  optionalInteger(name: string): number | undefined;
  /** Empty when absent. */
  strings(name: string): readonly string[];
  /** Empty when absent. */
  stringMap(name: string): Readonly<Record<string, string>>;
  /** Empty when absent. */
  objects(name: string): readonly Input[];
  /** Empty when absent. */
  objectMap(name: string): ReadonlyMap<string, Input>;
}

export function readInput(members: JsonObject): Input {
  const optional = <T>(name: string, type: string, is: (value: unknown) => value is T): T | undefined => {
    const value = members[name] ?? undefined;
    if (value !== undefined && !is(value))
      throw malformedInput(`${name}: ${kindOf(value)} can not be converted to ${type}`);
    return value;
  };
  const required = <T>(name: string, value: T | undefined): T => {
    if (value === undefined) throw missingParameter(name);
    return value;
  };
  const optionalString = (name: string) => optional(name, 'a String', isString);
  const optionalInteger = (name: string) => optional(name, 'an Integer', isInteger);

  return {
    string: (name) => required(name, optionalString(name)),
    optionalString,
    integer: (name) => required(name, optionalInteger(name)),
    optionalInteger,
    strings: (name) => optional(name, 'a list of Strings', isListOf(isString)) ?? [],
    stringMap: (name) => optional(name, 'a map of Strings', isMapOf(isString)) ?? {},
    objects: (name) => (optional(name, 'a list of structures', isListOf(isObject)) ?? []).map(readInput),
    objectMap: (name) => {
      const map = optional(name, 'a map of structures', isMapOf(isObject));
      if (map === undefined) return NONE;
      return new Map(Object.entries(map).map(([key, value]) => [key, readInput(value)]));
    },
  };
}

const NONE: ReadonlyMap<string, Input> = new Map();

const isString = (value: unknown): value is string => typeof value === 'string';
const isInteger = (value: unknown): value is number => Number.isInteger(value);
const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isListOf =
  <T>(is: (value: unknown) => value is T) =>
  (value: unknown): value is readonly T[] =>
    Array.isArray(value) && value.every(is);

const isMapOf =
  <T>(is: (value: unknown) => value is T) =>
  (value: unknown): value is Readonly<Record<string, T>> =>
    isObject(value) && Object.values(value).every(is);

const kindOf = (value: unknown) => (Array.isArray(value) ? 'a list' : `a ${typeof value}`);
