/** What can go wrong; the summary of a run lists what was done under these names. */
export type FaultKind = FaultRule['kind'];

/**
 * Which opportunities a rule takes. All that are given must hold; of a list, one entry. Names match in part, since
 * CloudFormation adds to them.
 */
export interface FaultFilter {
  /** As IAM calls them: `dynamodb:PutItem`, `sqs:ReceiveMessage`. */
  readonly operations?: readonly string[];
  /** Functions that run, call, or are fed by the mapping that calls. */
  readonly functions?: readonly string[];
  /** Tables, queues, buses, streams; rules and targets of deliveries. */
  readonly resources?: readonly string[];
  /** @default functions with their mappings, and services such as the bus */
  readonly callers?: readonly ('user' | 'role' | 'service')[];
}

interface Rule<Kind extends string> {
  readonly kind: Kind;
  /** One of so many opportunities is hit; 1 hits all. A whole number. */
  readonly oneIn: number;
  /** @default no limit but the plan's */
  readonly most?: number;
  readonly only?: FaultFilter;
}

/**
 * Where a worker ends: before its handler sees the event, when it makes an AWS call (which is not carried out, or is
 * carried out but not answered), or after the handler, with its result.
 */
export type KillPoint = 'before-handler' | 'on-call' | 'after-call' | 'after-handler';

interface WorkerRule<Kind extends string> extends Rule<Kind> {
  /** The AWS call of the invocation at which it happens is drawn from 1 to this. @default 4 */
  readonly latestCall?: number;
  /** Also invocations that no source repeats: a direct Invoke fails for good. @default false */
  readonly alsoDirect?: boolean;
}

interface DelayRule<Kind extends string> extends Rule<Kind> {
  /** Delays are drawn up to this, on the run's clock. */
  readonly longestMs: number;
}

interface OrderRule<Kind extends string> extends DelayRule<Kind> {
  /** Whether events of one group may pass each other on their way to one target. @default false */
  readonly withinGroup?: boolean;
}

export type FaultRule =
  /** The service refuses the call: each with its own error. */
  | Rule<'throttle'>
  /** Entries of a batch call fail, the others go on. */
  | Rule<'partial-failure'>
  /** The engine does it, the caller is not told. */
  | Rule<'lost-response'>
  /** The engine takes its time. */
  | DelayRule<'slow-call'>
  /** The bus delivers once more, after a delay. */
  | DelayRule<'duplicate-delivery'>
  | OrderRule<'delayed-delivery'>
  /** The next delivery to the same target passes this one; without any, it goes on when its delay is over. */
  | OrderRule<'reordered-delivery'>
  /** An eventually consistent read, or one of an index, sees an item as it was up to `longestMs` before. */
  | DelayRule<'stale-read'>
  /** Reads of several items see a transaction in part; its answer is withheld for as long, up to `longestMs`. */
  | DelayRule<'partial-transaction-view'>
  /** Of several failed conditions of a transaction, the answer names only some. */
  | Rule<'partial-reasons'>
  /** A write or a transaction meets a transaction under way, or is told that its own still is. */
  | Rule<'transaction-conflict'>
  /** All calls for a partition key are refused for up to `longestMs`. */
  | DelayRule<'hot-partition'>
  /** A share of the calls to a table whose traffic has doubled is refused for up to `longestMs`. */
  | DelayRule<'table-throttle'>
  /** BatchGetItem and BatchWriteItem leave entries for another call. */
  | Rule<'unprocessed-keys'>
  /** An item stays for up to `longestMs` after its time to live. */
  | DelayRule<'late-expiry'>
  /** A shard of a stream ends; one or two children take its place. Opportunities are records. */
  | Rule<'shard-split'>
  /** A stream mapping forgets that batches are done, and hands them over again with all that follows. */
  | Rule<'repeated-records'>
  /** A schedule fires up to `longestMs` after its time, as AWS promises no more than the minute. */
  | DelayRule<'inexact-schedule'>
  | DelayRule<'late-schedule'>
  /** A schedule fires once more, up to `longestMs` later. */
  | DelayRule<'duplicate-schedule'>
  /** Like a delayed delivery, for as long as the bus may try: up to a day. */
  | OrderRule<'late-delivery'>
  /** The target's service throttles an attempt at a delivery. */
  | Rule<'throttled-target'>
  /**
   * The target refuses every delivery for up to `longestMs`, as while a permission is missing: each goes to the dead-letter
   * queue of the target at once.
   */
  | DelayRule<'missing-permission'>
  /** The poller of a FIFO queue loses an answer, and repeats the receive under the same attempt id. */
  | Rule<'repeated-receive'>
  /** A message's visibility timeout ends too early: another receive gets it while the first one is at work. */
  | DelayRule<'early-visibility'>
  /** A standard queue delivers a message again, also after it was deleted. */
  | DelayRule<'repeated-message'>
  /** A standard queue does not find a message at first: others pass it. */
  | DelayRule<'held-back-message'>
  /** GetQueueAttributes answers with earlier counts. */
  | DelayRule<'lagging-counts'>
  /** No execution of a function can start for a while: its concurrency, or the account's, is used up. */
  | DelayRule<'throttled-function'>
  /**
   * Lambda takes an environment for lost, and its invocation for failed, while its handler goes on to its end; what comes
   * next begins in a new one.
   */
  | WorkerRule<'replaced-environment'>
  | (WorkerRule<'killed-worker'> & { readonly points?: readonly KillPoint[] })
  /**
   * The worker stops in an AWS call, so that the invocation times out; what it was sending arrives late, within
   * `longestMs` after the time-out.
   */
  | (WorkerRule<'frozen-worker'> & { readonly longestMs: number });

/** All that goes wrong in a run, as data. */
export interface FaultPlan {
  readonly seed: number;
  readonly rules: readonly FaultRule[];
  /** Faults in all. @default no limit */
  readonly most?: number;
  /**
   * Invocations that are disturbed, at most, with one message or stream record in them; failed entries of one event
   * likewise. @default 2
   */
  readonly mostPerMessage?: number;
  /**
   * Leaves alone what a message is on its last receives for, so that the plan makes no dead letters: its last but one
   * receive and its last are free of faults. @default true
   */
  readonly sparesLastReceives?: boolean;
  /**
   * How far what is disturbed has come, from 0 to 1: of each limit no more than this share is used up by then, and a tenth
   * from the start. So a long run is disturbed to its end.
   * @default 1
   */
  readonly progress?: () => number;
}

/** Each once, in the plan's order. */
export const kindsOf = ({ rules }: Pick<FaultPlan, 'rules'>): readonly FaultKind[] => [
  ...new Set(rules.map(({ kind }) => kind)),
];

/** The plan cannot be carried out. */
class FaultPlanError extends Error {
  readonly code = 'LOCAL_FAULT_PLAN_INVALID';
}

/** @throws FaultPlanError `LOCAL_FAULT_PLAN_INVALID` that names every problem */
export function checkPlan({ seed, rules, most, mostPerMessage }: FaultPlan): void {
  const problems = [
    Number.isSafeInteger(seed) ? undefined : `seed must be a whole number, got ${seed}`,
    problemOf('most', most, 0),
    problemOf('mostPerMessage', mostPerMessage, 0),
    ...rules.flatMap((rule, index) => [
      problemOf(`rules[${index}].oneIn (${rule.kind})`, rule.oneIn, 1),
      problemOf(`rules[${index}].most (${rule.kind})`, rule.most, 0),
      'longestMs' in rule ? problemOf(`rules[${index}].longestMs (${rule.kind})`, rule.longestMs, 1) : undefined,
      'latestCall' in rule ? problemOf(`rules[${index}].latestCall (${rule.kind})`, rule.latestCall, 1) : undefined,
    ]),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new FaultPlanError(`the fault plan cannot be used: ${problems.join('; ')}`);
}

function problemOf(name: string, value: number | undefined, least: number): string | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return undefined;
  return `${name} must be a whole number from ${least}, got ${value}`;
}
