import type { EpochMs } from '../../lib/shared/time.ts';
import type { EngineClock } from '../clock.ts';
import { type FaultKind, type FaultPlan, type FaultRule, kindsOf } from './fault-plan.ts';

/** What was done, how often. */
export interface InjectedFault {
  readonly kind: FaultKind;
  /** `dynamodb:PutItem: ThrottlingException`, `payments before-handler`, … */
  readonly what: string;
  /** When it was done first. */
  readonly at: EpochMs;
  readonly count: number;
}

export interface FaultRecord {
  /** False once a limit is reached, or what of it may be used up by now. */
  mayHit(rule: FaultRule): boolean;
  add(rule: FaultRule, what: string): void;
  /** How often the rule has hit. */
  countOf(rule: FaultRule): number;
  /** By kind, in the plan's order, then by when it was done first. */
  all(): readonly InjectedFault[];
}

/** Of each limit: for what happens before there is progress. */
const SHARE_FROM_THE_START = 0.1;

export function createFaultRecord(
  { rules, most = Number.POSITIVE_INFINITY, progress = () => 1 }: FaultPlan,
  clock: EngineClock,
): FaultRecord {
  const entries = new Map<string, InjectedFault>();
  const byRule = new Map<FaultRule, number>();
  const kinds = kindsOf({ rules });
  let total = 0;

  /** Every rule has the use of at least one. */
  const isBelow = (count: number, limit: number) =>
    count < Math.ceil(limit * Math.min(SHARE_FROM_THE_START + progress() * (1 - SHARE_FROM_THE_START), 1));
  const countOf = (rule: FaultRule) => byRule.get(rule) ?? 0;

  return {
    mayHit: (rule) => isBelow(total, most) && isBelow(countOf(rule), rule.most ?? Number.POSITIVE_INFINITY),
    countOf,
    add(rule, what) {
      const { kind } = rule;
      const key = `${kind} ${what}`;
      const { at = clock.now(), count = 0 } = entries.get(key) ?? {};
      entries.set(key, { kind, what, at, count: count + 1 });
      byRule.set(rule, countOf(rule) + 1);
      total++;
    },
    all: () => [...entries.values()].sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.at - b.at),
  };
}
