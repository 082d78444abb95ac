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

interface Expected {
  readonly what: string;
  readonly isIt: (value: unknown) => boolean;
}

/** Whether it is an object with these members, which every right value has. */
const having =
  (...members: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === 'object' && value !== null && members.every((member) => member in value);

const listOf =
  (isOne: (value: unknown) => boolean) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.every(isOne);

const isText = (value: unknown): boolean => typeof value === 'string';
const isSaga = having('name', 'stages');
const ARN: Expected = { what: 'an ARN', isIt: isText };
const ENTRY: Expected = { what: "a path, such as 'functions/billing/index.ts'", isIt: isText };
const GRANTEE: Expected = { what: 'a function, an instance or a role', isIt: having('grantPrincipal') };

/** What a prop must be that would otherwise end in a TypeError, by the prop's name. */
const EXPECTED: Readonly<Record<string, Expected>> = {
  hub: { what: 'an EventHub', isIt: having('settings') },
  settings: {
    what: 'the settings from selectEnvironment, defineSettings or parseSettings',
    isIt: having('metricNamespace'),
  },
  subscription: { what: 'the result of defineSubscription', isIt: having('events') },
  projection: { what: 'the result of defineProjection or defineCounters', isIt: having('subscription') },
  saga: {
    what: 'the result of defineSaga, or a list of its versions',
    isIt: (value) => isSaga(value) || (Array.isArray(value) && value.length > 0 && value.every(isSaga)),
  },
  sync: { what: 'the result of defineSync', isIt: having('entity', 'providers') },
  entry: ENTRY,
  rebuildEntry: ENTRY,
  serviceName: { what: 'a text', isIt: isText },
  events: { what: 'a list of results of defineEvent', isIt: listOf(having('type', 'source')) },
  publisher: GRANTEE,
  user: GRANTEE,
  reader: GRANTEE,
  grantee: GRANTEE,
  uses: { what: 'a list of calls on links', isIt: listOf(isText) },
  queries: { what: 'an object with items, partitions or indexes', isIt: having() },
  actions: { what: "a list of actions, such as ['GetItem']", isIt: listOf(isText) },
  table: { what: 'a table', isIt: having('tableArn') },
  tables: { what: 'a list of { table, schema }', isIt: listOf(having('table', 'schema')) },
  schema: { what: 'a table schema with a partitionKey', isIt: having('partitionKey') },
  tenant: { what: 'a tenant id or TENANT_OF_PRINCIPAL', isIt: isText },
  assumedBy: { what: 'a principal', isIt: having('assumeRoleAction') },
  busArn: ARN,
  outboxTableArn: ARN,
  pendingTableArn: ARN,
  inboxTableArn: ARN,
  cursorsTableArn: ARN,
};

function givenProblem(prop: string, value: unknown): string | undefined {
  if (value === undefined) return `${prop} must be given, got nothing`;
  const expected = EXPECTED[prop];
  if (expected === undefined || expected.isIt(value)) return undefined;
  return `${prop} must be ${expected.what}, got ${shown(value)}`;
}

/**
 * Refuses a construct that lacks a prop which it cannot do without, or has another kind of value there, before anything
 * reads it: the app runs without a type check.
 * @param props also nothing at all
 * @throws WiringError `WIRING_INVALID` naming all of them
 */
export function assertGiven<Props extends object>(
  construct: Construct,
  props: Props,
  ...names: readonly (keyof Props & string)[]
): void {
  assertGivenAt(construct.constructor.name, construct.node.path, props, ...names);
}

/** As `assertGiven`, for a construct that does not exist yet, and for the parameters of a call. */
export function assertGivenAt<Props extends object>(
  kind: string,
  path: string,
  props: Props | null | undefined,
  ...names: readonly (keyof Props & string)[]
): void {
  assertPropsAt(
    kind,
    path,
    names.map((name) => givenProblem(name, props?.[name])),
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
function shown(value: unknown): string {
  if (typeof value === 'string') return `the text '${value}'`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'another object' : String(value);
}

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
