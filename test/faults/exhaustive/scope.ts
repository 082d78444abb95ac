import type { Claim } from '../../../lib/definitions/index.ts';

/** What may happen in an exploration, and how often: small enough that every order of it can be tried. */
export interface Scope {
  /** What it is about, in a sentence. */
  readonly about: string;
  /** Events of the one group, committed at the beginning. */
  readonly events: number;
  /** Sequences of a type that the code of before the deployment does not take. @default - the code takes all */
  readonly addedTypes?: readonly number[];
  /** When the code of before the deployment claims an event, and when the code of after it. @default - with the commit */
  readonly claims?: Readonly<Record<'old' | 'new', Claim>>;
  /** Whether the bus may deliver in any order. @default false */
  readonly reordered?: boolean;
  /** How many executions work side by side. @default 2 */
  readonly executions?: number;
  /** Messages of one receive, at most: a receive may bring fewer. */
  readonly batchSize: number;
  readonly maxReceiveCount: number;
  /** Processes that end between two calls. @default 0 */
  readonly crashes?: number;
  /** Executions that go on after their time is up, or after the queue has given their messages out again. @default 0 */
  readonly stalls?: number;
  /** Executions that take so long that little of their time is left. @default 0 */
  readonly slow?: number;
  /** Messages whose visibility ends while their execution works. @default 0 */
  readonly earlyReturns?: number;
  /** Events that the bus delivers once more. @default 0 */
  readonly duplicates?: number;
  /** Answers that are lost, whether or not the request was applied, deletions by the poller included. @default 0 */
  readonly lostAnswers?: number;
  /** Reads without `ConsistentRead` that show the state before the last write. @default 0 */
  readonly staleReads?: number;
  /** A place that queries of the log do not show for a while. @default - none */
  readonly hole?: number;
  /** What its handler does with an event. @default - it succeeds */
  readonly failing?: Failing;
  /** Cursors that go by their time to live, once nothing is to come in their group. @default 0 */
  readonly expiries?: number;
  /** Dead letters are redriven so often. @default 0 */
  readonly redrives?: number;
  /** Whether an operator steps over an event that its group waits for as a dead letter. @default false */
  readonly skips?: boolean;
}

interface Failing {
  readonly sequence: number;
  readonly how: 'fails' | 'kills' | 'permanent' | 'defers';
  /** After it was deferred as often as it is, the first try fails. @default false */
  readonly thenFails?: boolean;
  /** `until redriven`: then it succeeds; `for good`: an operator must step over it. */
  readonly times: number | 'until redriven' | 'for good';
}

/** Whether the code changes. */
export const hasDeployment = ({ addedTypes = [], claims }: Scope): boolean =>
  addedTypes.length > 0 || claims !== undefined;
