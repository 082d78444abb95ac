import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/clock.ts';
import { createFaultInjector } from '../../../local/faults/fault-injector.ts';
import type { FaultRule } from '../../../local/faults/fault-plan.ts';

const RULE_ARN = 'arn:aws:events:eu-west-1:123456789012:rule/bus/billing';
const TARGET_ARN = 'arn:aws:sqs:eu-west-1:123456789012:billing.fifo';

const delivery = (group: string, sequence: number, targetArn = TARGET_ARN) => ({
  ruleArn: RULE_ARN,
  targetArn,
  event: { id: `id of ${group} ${sequence}`, detail: { partitionkey: group, sequence: String(sequence) } },
});

function open(...rules: readonly FaultRule[]) {
  const clock = createMovableClock(() => 1_000);
  const injector = createFaultInjector({ seed: 3, rules }, clock);
  injector.arm({ queues: [] });
  return {
    clock,
    injector,
    deliver: (...given: Parameters<typeof delivery>) => injector.eventBridge.onDelivery?.(delivery(...given)),
  };
}

describe('faults of the bus', () => {
  it('repeat a delivery within the longest delay', () => {
    const { deliver, injector } = open({ kind: 'duplicate-delivery', oneIn: 1, longestMs: 50 });

    const { againAfterMs = 0 } = deliver('order#1', 1) ?? {};

    expect(againAfterMs).toBeGreaterThan(0);
    expect(againAfterMs).toBeLessThanOrEqual(50);
    expect(injector.injected()).toStrictEqual([
      { kind: 'duplicate-delivery', what: 'to billing.fifo', at: 1_000, count: 1 },
    ]);
  });

  it('hold back the later events of a delayed event’s group, and no other group', () => {
    const { deliver, clock } = open({ kind: 'delayed-delivery', oneIn: 1, most: 1, longestMs: 5_000 });

    const { delayMs = 0 } = deliver('order#1', 1) ?? {};
    const next = deliver('order#1', 2);
    const other = deliver('order#2', 1);
    const elsewhere = deliver('order#1', 2, 'arn:aws:sqs:eu-west-1:123456789012:shipping.fifo');
    clock.advance(delayMs);
    const later = deliver('order#1', 3);

    expect(delayMs).toBeGreaterThan(0);
    expect(next).toStrictEqual({ delayMs });
    expect(other).toStrictEqual({ delayMs: 0 });
    expect(elsewhere).toStrictEqual({ delayMs: 0 });
    expect(later).toStrictEqual({ delayMs: 0 });
  });

  it('reorder events within a group if the fault rule says so', () => {
    const { deliver } = open({ kind: 'delayed-delivery', oneIn: 1, most: 1, longestMs: 5_000, withinGroup: true });

    deliver('order#1', 1);

    expect(deliver('order#1', 2)).toStrictEqual({ delayMs: 0 });
  });

  it('let a later delivery overtake a delayed one', () => {
    const { deliver } = open({ kind: 'reordered-delivery', oneIn: 1, most: 1, longestMs: 900 });

    const { overtakenWithinMs } = deliver('order#1', 1) ?? {};

    expect(overtakenWithinMs).toBeGreaterThan(0);
    expect(deliver('order#1', 2)).toStrictEqual({ delayMs: overtakenWithinMs });
    expect(deliver('order#2', 1)).toStrictEqual({ delayMs: 0 });
  });

  it('throttle up to three attempts, but not the last one', () => {
    const { injector } = open({ kind: 'throttled-target', oneIn: 1 });
    const attempts = [1, 2, 3, 4].map((n) => injector.eventBridge.onAttempt?.(delivery('order#1', 1), n, 185)?.code);

    expect(attempts).toStrictEqual(['ThrottlingException', 'ThrottlingException', 'ThrottlingException', undefined]);
    const last = open({ kind: 'throttled-target', oneIn: 1 }).injector;

    expect(last.eventBridge.onAttempt?.(delivery('order#1', 1), 1, 0)).toBeUndefined();
  });

  it('refuse all deliveries to a target while its permission is missing, and none to other targets', () => {
    const { injector, clock } = open({ kind: 'missing-permission', oneIn: 2, longestMs: 500 });
    const attempt = (group: string, targetArn?: string) =>
      injector.eventBridge.onAttempt?.(delivery(group, 1, targetArn), 1, 185)?.code;
    const groups = Array.from({ length: 20 }, (_, index) => `order#${index}`);
    const begins = groups.findIndex((group) => attempt(group) !== undefined);

    const meanwhile = groups.map((group) => attempt(group));
    const elsewhere = groups.map((group) => attempt(group, 'arn:aws:sqs:eu-west-1:123456789012:shipping.fifo'));
    clock.advance(500);
    const later = groups.map((group) => attempt(group));

    expect(begins).toBeGreaterThanOrEqual(0);
    expect(new Set(meanwhile)).toStrictEqual(new Set(['AccessDenied']));
    expect(elsewhere[0] === undefined || elsewhere.includes(undefined)).toBe(true);
    expect(later.slice(0, begins)).toStrictEqual(Array.from({ length: begins }, () => undefined));
  });

  it('affect only the targets that their filter names', () => {
    const { deliver } = open({ kind: 'duplicate-delivery', oneIn: 1, longestMs: 5, only: { resources: ['shipping'] } });

    expect(deliver('order#1', 1)).toStrictEqual({ delayMs: 0 });
  });

  it('depend on event and target, not on the order of deliveries', () => {
    const events = Array.from({ length: 40 }, (_, index) => `order#${index}`);
    const rule: FaultRule = { kind: 'duplicate-delivery', oneIn: 4, longestMs: 1_000 };
    const forward = open(rule);
    const backward = open(rule);

    const first = new Map(events.map((group) => [group, forward.deliver(group, 1)]));
    const second = new Map(events.toReversed().map((group) => [group, backward.deliver(group, 1)]));

    expect(Object.fromEntries(second)).toStrictEqual(Object.fromEntries(first));
    const hits = [...first.values()].filter((fault) => fault?.againAfterMs !== undefined);
    expect(hits.length).toBeGreaterThan(0);
    expect(hits.length).toBeLessThan(20);
  });
});
