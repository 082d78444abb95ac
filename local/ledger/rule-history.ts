import type { EpochMs } from '../../lib/shared/time.ts';
import { compileEventPattern, type EventMatcher } from '../eventbridge/pattern/event-pattern.ts';
import type { Deployment } from '../template/deployment.ts';

type Rule = Deployment['rules'][number];
type BusEnvelope = Parameters<EventMatcher>[0];

/** Which events a function's queues were to get, and since when. */
export interface RuleHistory {
  /** Takes notice of the rules as they are from `at` on. */
  note(deployment: Pick<Deployment, 'mappings' | 'rules'>, at: EpochMs): void;
  /**
   * Since when the rules that lead to the function's queues have taken this event without a break; `-Infinity` for
   * ever, undefined when they do not take it now.
   */
  takenSince(functionName: string, event: BusEnvelope): number | undefined;
}

interface Version {
  readonly at: number;
  /** Tells one version from the next. */
  readonly patterns: string;
  readonly takes: EventMatcher;
}

/** The first deployment is there before any event. */
export function createRuleHistory(): RuleHistory {
  const versions = new Map<string, Version[]>();
  let isFirst = true;

  return {
    note({ mappings, rules }, at) {
      const since = isFirst ? Number.NEGATIVE_INFINITY : at;
      isFirst = false;
      const functionNames = new Set([...versions.keys(), ...mappings.map(({ functionName }) => functionName)]);
      for (const functionName of functionNames) {
        const queues = new Set(
          mappings.filter((mapping) => mapping.functionName === functionName).map((mapping) => mapping.eventSourceArn),
        );
        const routes = rules.filter((rule) => leadsToOneOf(rule, queues));
        const patterns = JSON.stringify(routes.map(({ eventPattern }) => eventPattern));
        const known = versions.get(functionName) ?? [];
        if (known.at(-1)?.patterns === patterns) continue;
        versions.set(functionName, [...known, { at: since, patterns, takes: anyOf(routes) }]);
      }
    },
    takenSince(functionName, event) {
      let since: number | undefined;
      for (const { at, takes } of versions.get(functionName)?.toReversed() ?? []) {
        if (!takes(event)) break;
        since = at;
      }
      return since;
    },
  };
}

export function anyOf(rules: readonly Rule[]): EventMatcher {
  const matchers = rules.flatMap(({ eventPattern }) =>
    eventPattern === undefined ? [] : [compileEventPattern(JSON.stringify(eventPattern))],
  );
  return (event) => matchers.some((matches) => matches(event));
}

const leadsToOneOf = ({ enabled, targets }: Rule, queueArns: ReadonlySet<string>): boolean =>
  enabled && targets.some(({ arn }) => queueArns.has(arn));
