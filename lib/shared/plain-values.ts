import { types } from 'node:util';

/** A value that cannot be written, and its path, such as `lines.0.placedAt`. An empty path is the value itself. */
export interface ValueProblem {
  readonly path: string;
  /** The kind of the value and what to do; never the value, because it may be personal data. */
  readonly message: string;
}

/** The kind of a value that is not plain, and how to write it. */
interface OddKind {
  readonly kind: string;
  readonly mend: string;
}

/** Whether it is an object as created by a literal, of any realm. */
export function isPlainObject(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Describes the kind of a value that is not plain data, and what to write instead. */
export function oddKindOf(value: unknown): OddKind {
  if (typeof value === 'number') return { kind: String(value), mend: 'leave it out, or write null' };
  if (typeof value === 'bigint') return { kind: 'a BigInt', mend: 'write it as text: String(value)' };
  if (typeof value === 'function') return { kind: 'a function', mend: 'leave it out' };
  if (typeof value !== 'object' || value === null) return { kind: `of type ${typeof value}`, mend: 'leave it out' };
  if (types.isDate(value)) return { kind: 'a Date', mend: 'write it as text: date.toISOString()' };
  if (types.isSet(value)) return { kind: 'a Set', mend: 'write it as a list: [...set]' };
  if (types.isMap(value)) return { kind: 'a Map', mend: 'write it as an object: Object.fromEntries(map)' };
  if (types.isPromise(value)) return { kind: 'a Promise', mend: 'await it' };
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) {
    return { kind: 'bytes', mend: "write them as text, such as toString('base64')" };
  }
  return { kind: `an instance of '${classNameOf(value)}'`, mend: 'write its members as a plain object' };
}

function classNameOf(value: object): string {
  const { constructor: made } = Object.getPrototypeOf(value) as { readonly constructor?: unknown };
  return typeof made === 'function' && made.name !== '' ? made.name : 'a class without a name';
}

/** @param path of the containing value. A member with an empty name is shown as `""`. */
export const memberPath = (path: string, member: string | number): string =>
  `${path === '' ? '' : `${path}.`}${member === '' ? '""' : member}`;

/** Lists the problems, such as `a.b: is a Date …; c: is NaN …`. Long lists are cut. */
export function describeProblems(problems: readonly ValueProblem[]): string {
  const shown = problems
    .slice(0, MOST_SHOWN)
    .map(({ path, message }) => `${path === '' ? 'it' : `'${path}'`} ${message}`);
  const more = problems.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

const MOST_SHOWN = 10;
