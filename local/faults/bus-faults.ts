import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { DeliveryFault, DeliveryInfo, EventBridgeFaults } from '../eventbridge/faults.ts';
import { objectAt, stringAt } from '../template/json.ts';
import type { Dice } from './dice.ts';
import { passes } from './fault-filter.ts';
import type { FaultPlan, FaultRule } from './fault-plan.ts';
import type { FaultRecord } from './fault-record.ts';

export interface BusFaultsDeps {
  readonly plan: FaultPlan;
  readonly dice: Dice;
  readonly record: FaultRecord;
  readonly clock: EngineClock;
}

type BusRule = Extract<FaultRule, { readonly kind: `${string}-delivery` }>;

/** What the bus does to deliveries: once more, later, out of order. Each is decided by event and target alone. */
export function createBusFaults({ plan, dice, record, clock }: BusFaultsDeps): EventBridgeFaults {
  /** Until when the deliveries of a group to a target wait for an earlier one. */
  const groupWaits = new Map<string, number>();

  /** Until when a target takes nothing from the bus. */
  const refusesUntil = new Map<string, number>();

  const hit = (kind: BusRule['kind'], { ruleArn, targetArn }: DeliveryInfo, identity: string) => {
    for (const [index, rule] of plan.rules.entries()) {
      if (!isDelivery(rule) || rule.kind !== kind || !record.mayHit(rule)) continue;
      if (!passes({ resources: () => [ruleArn, targetArn] }, rule.only)) continue;
      const subject = `rule ${index} ${targetArn} ${identity}`;
      if (dice.choose(subject, rule.oneIn) > 0) continue;
      record.add(rule, `to ${targetArn.split(':').at(-1)}`);
      return { ms: dice.pick(`${subject} delay`, rule.longestMs), withinGroup: mayReorderGroup(rule) };
    }
    return undefined;
  };

  /** How long what is still held back of the group keeps this one waiting, too. */
  const groupWaitMs = (key: string): number => {
    const waitMs = (groupWaits.get(key) ?? 0) - clock.now();
    if (waitMs <= 0) groupWaits.delete(key);
    return Math.max(waitMs, 0);
  };

  const onDelivery = (delivery: DeliveryInfo): DeliveryFault => {
    const { group, identity } = identify(delivery);
    const key = `${delivery.targetArn} ${group}`;
    const again = hit('duplicate-delivery', delivery, identity);
    const delayed = hit('delayed-delivery', delivery, identity) ?? hit('late-delivery', delivery, identity);
    const reordered = delayed === undefined ? hit('reordered-delivery', delivery, identity) : undefined;
    const waitMs = groupWaitMs(key);
    const delayMs = Math.max(delayed?.ms ?? 0, waitMs);
    const heldBack = delayed ?? reordered;
    if (heldBack !== undefined && !heldBack.withinGroup) {
      groupWaits.set(key, clock.now() + Math.max(heldBack.ms, waitMs));
    }
    return {
      delayMs,
      ...(again === undefined ? {} : { againAfterMs: delayMs + again.ms }),
      // what waits for its group must not be let go earlier
      ...(reordered === undefined || waitMs > 0 ? {} : { overtakenWithinMs: reordered.ms }),
    };
  };

  const onAttempt = (delivery: DeliveryInfo, attempt: number, retriesLeft: number): AwsError | undefined => {
    const { identity } = identify(delivery);
    const { ruleArn, targetArn } = delivery;
    const at = clock.now();
    for (const [index, rule] of plan.rules.entries()) {
      if (rule.kind !== 'throttled-target' && rule.kind !== 'missing-permission') continue;
      if (!record.mayHit(rule) || !passes({ resources: () => [ruleArn, targetArn] }, rule.only)) continue;
      // later attempts succeed, whatever the first ones met with: throttling itself makes no event undeliverable
      if (rule.kind === 'throttled-target' && (attempt > MOST_THROTTLES || retriesLeft === 0)) continue;
      const subject = `rule ${index} ${targetArn} ${identity} attempt ${attempt}`;
      const isRefusing = rule.kind === 'missing-permission' && (refusesUntil.get(targetArn) ?? 0) > at;
      if (!isRefusing && dice.choose(subject, rule.oneIn) > 0) continue;
      record.add(rule, `to ${targetArn.split(':').at(-1)}`);
      if (rule.kind === 'throttled-target') return throttledTarget();
      if (!isRefusing) refusesUntil.set(targetArn, at + dice.pick(`${subject} delay`, rule.longestMs));
      return missingPermission(targetArn);
    }
    return undefined;
  };

  return { onDelivery, onAttempt };
}

/** By what stays the same when the run is repeated: ids of events do not. */
function identify({ event }: DeliveryInfo): { group: string; identity: string } {
  const detail = objectAt(event, 'detail');
  const id = stringAt(event, 'id') ?? '';
  const group = stringAt(detail, 'partitionkey') ?? id;
  const sequence = stringAt(detail, 'sequence');
  return { group, identity: sequence === undefined ? id : `${group} ${sequence}` };
}

const MOST_THROTTLES = 3;

const throttledTarget = () => new AwsError('ThrottlingException', 'Rate exceeded');

const missingPermission = (targetArn: string) =>
  new AwsError('AccessDenied', `Access to the resource ${targetArn} is denied.`, { statusCode: 403 });

const BUS_KINDS: ReadonlySet<FaultRule['kind']> = new Set([
  'duplicate-delivery',
  'delayed-delivery',
  'reordered-delivery',
  'late-delivery',
]);

const isDelivery = (rule: FaultRule): rule is BusRule => BUS_KINDS.has(rule.kind);

const mayReorderGroup = (rule: BusRule): boolean => rule.kind !== 'duplicate-delivery' && rule.withinGroup === true;
