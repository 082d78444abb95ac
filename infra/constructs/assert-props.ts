import { existsSync, statSync } from 'node:fs';
import { type Duration, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { WaybillError } from '../../lib/definitions/index.ts';

/** A construct's props contradict each other or the services' limits; nothing was created. */
export class WiringError extends WaybillError {
  readonly code = 'WIRING_INVALID';
  readonly path: string;
  readonly problems: readonly string[];

  constructor(kind: string, path: string, problems: readonly string[]) {
    super(`${kind} '${path}' cannot be built:${problems.map((each) => `\n  - ${each}`).join('')}`);
    this.path = path;
    this.problems = problems;
  }
}

/**
 * Refuses a construct whose props have problems, all of them in one error.
 * @param problems one sentence each: the prop, the value, what is allowed and the fix; undefined if there is no problem
 * @throws WiringError `WIRING_INVALID`
 */
export function assertProps(construct: Construct, problems: readonly (string | undefined)[]): void {
  assertPropsAt(construct.constructor.name, construct.node.path, problems);
}

/** As `assertProps`, for a construct that does not exist yet. */
export function assertPropsAt(kind: string, path: string, problems: readonly (string | undefined)[]): void {
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length > 0) throw new WiringError(kind, path, found);
}

/** What a prop must be that would otherwise end in a TypeError, by the prop's name: a member that every right value has. */
const EXPECTED: Readonly<Record<string, readonly [member: string, what: string]>> = {
  hub: ['settings', 'an EventHub'],
  subscription: ['events', 'the result of defineSubscription'],
  projection: ['subscription', 'the result of defineProjection or defineCounters'],
};

function givenProblem(prop: string, value: unknown): string | undefined {
  if (value === undefined) return `${prop} must be given, got nothing`;
  const [member, what] = EXPECTED[prop] ?? [];
  if (member === undefined || (typeof value === 'object' && value !== null && member in value)) return undefined;
  return `${prop} must be ${what}, got ${shown(value)}`;
}

/**
 * Refuses a construct that lacks a prop which it cannot do without, or has another kind of value there, before anything
 * reads it: the app runs without a type check.
 * @throws WiringError `WIRING_INVALID` naming all of them
 */
export function assertGiven<Props extends object>(
  construct: Construct,
  props: Props,
  ...names: readonly (keyof Props & string)[]
): void {
  assertProps(
    construct,
    names.map((name) => givenProblem(name, props[name])),
  );
}

export interface WholeNumberRange {
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  /** What to do if the range does not explain it. */
  readonly fix?: string;
}

/** A value that is absent or known only at deployment passes. */
export function outOfRange(prop: string, value: number | undefined, range: WholeNumberRange): string | undefined {
  if (value === undefined || Token.isUnresolved(value)) return undefined;
  if (Number.isSafeInteger(value) && value >= range.min && value <= range.max) return undefined;
  const allowed = `${prop} must be a whole number of ${range.unit} from ${range.min} to ${range.max}, got ${shown(value)}`;
  return range.fix === undefined ? allowed : `${allowed}: ${range.fix}`;
}

/** A numeric string is rejected: the app runs without a type check. */
const shown = (value: unknown): string => (typeof value === 'string' ? `the text '${value}'` : String(value));

/** The range is in whole seconds. A duration that is absent or known only at deployment passes. */
export function durationOutOfRange(
  prop: string,
  value: Duration | undefined,
  range: Omit<WholeNumberRange, 'unit'>,
): string | undefined {
  if (value === undefined || value.isUnresolved()) return undefined;
  return outOfRange(prop, value.toSeconds({ integral: false }), { ...range, unit: 'seconds' });
}

/** File names that esbuild accepts as an entry. */
const ENTRY_FILE = /\.[cm]?[jt]sx?$/;

/** @param path the entry's absolute path */
export function noSuchFile(prop: string, entry: string, path: string): string | undefined {
  const advice = "write the path from the folder of cdk.json, such as 'functions/billing/index.ts'";
  if (!existsSync(path)) return `${prop} '${entry}' does not exist: ${advice}`;
  return ENTRY_FILE.test(path) && statSync(path).isFile()
    ? undefined
    : `${prop} '${entry}' is no TypeScript or JavaScript file: ${advice}`;
}
