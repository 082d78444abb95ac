import type { EngineClock } from '../clock.ts';
import type { Caller } from '../endpoint/service.ts';
import type { AdmissionFacts, Fault, InvocationFacts, LambdaFaults, Throttle } from '../lambda/faults.ts';
import { type CarriedMessage, messagesOf } from './carried-messages.ts';
import type { Dice } from './dice.ts';
import { passes } from './fault-filter.ts';
import type { FaultPlan, FaultRule, KillPoint } from './fault-plan.ts';
import type { FaultRecord } from './fault-record.ts';
import type { Spares } from './spares.ts';

type WorkerRule = Extract<FaultRule, { readonly kind: 'killed-worker' | 'frozen-worker' | 'replaced-environment' }>;

/** What happens to an invocation at one of its AWS calls. */
type Fate =
  | {
      readonly kind: 'killed';
      readonly rule: WorkerRule;
      readonly point: 'on-call' | 'after-call';
      readonly call: number;
    }
  | { readonly kind: 'replaced'; readonly rule: WorkerRule; readonly call: number }
  | { readonly kind: 'frozen'; readonly rule: WorkerRule; readonly call: number; readonly longestMs: number };

/** An invocation under way. */
export interface Invocation {
  readonly facts: InvocationFacts;
  readonly messages: readonly CarriedMessage[];
  /** Not to be disturbed: what it carries needs this try. */
  readonly isSpared: boolean;
  readonly fate: Fate | undefined;
  /** Settles with the outcome. */
  readonly ended: Promise<void>;
  /** AWS calls so far. */
  calls: number;
  /** Faulty ones among them. */
  faultyCalls: number;
  state: 'running' | 'killed' | 'frozen' | 'replaced';
  /** Counts the disturbance of what it carries, once. */
  disturb(): void;
}

type Plan = Pick<Invocation, 'isSpared' | 'fate'>;

export interface Invocations {
  readonly hooks: LambdaFaults;
  /** The one that makes a call; none for mappings, and for calls that outlive their invocation. */
  find(caller: Caller): Invocation | undefined;
}

export interface InvocationsDeps {
  readonly plan: FaultPlan;
  readonly dice: Dice;
  readonly record: FaultRecord;
  readonly spares: Spares;
  readonly clock: EngineClock;
}

const ALL_POINTS: readonly KillPoint[] = ['before-handler', 'on-call', 'after-call', 'after-handler'];
const DEFAULT_LATEST_CALL = 4;

/** Follows every invocation, and decides which worker ends where. */
export function createInvocations({ plan, dice, record, spares, clock }: InvocationsDeps): Invocations {
  const byTrace = new Map<string, Invocation>();
  const endings = new Map<string, () => void>();
  const rules = plan.rules.filter(
    (rule) => rule.kind === 'killed-worker' || rule.kind === 'frozen-worker' || rule.kind === 'replaced-environment',
  );
  const throttledUntil = new Map<string, number>();

  const choose = ({ functionName, number }: InvocationFacts, messages: readonly CarriedMessage[]) => {
    for (const [index, rule] of rules.entries()) {
      if (messages.length === 0 && rule.alsoDirect !== true) continue;
      if (!record.mayHit(rule) || !passes({ functionName }, rule.only)) continue;
      const subject = `worker rule ${index} ${functionName}`;
      if (dice.next(subject, rule.oneIn)) return { rule, subject: `${subject} ${number}` };
    }
    return undefined;
  };

  const follow = (facts: InvocationFacts, messages: readonly CarriedMessage[], plan: Plan): Invocation => {
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    let isCharged = false;
    const invocation: Invocation = {
      ...plan,
      facts,
      messages,
      ended,
      calls: 0,
      faultyCalls: 0,
      state: 'running',
      disturb() {
        if (!isCharged) spares.disturb(messages);
        isCharged = true;
      },
    };
    byTrace.set(facts.traceId, invocation);
    endings.set(facts.requestId, () => {
      byTrace.delete(facts.traceId);
      endings.delete(facts.requestId);
      resolve();
    });
    return invocation;
  };

  const onInvocation = (facts: InvocationFacts): Fault | undefined => {
    const messages = messagesOf(facts.payload);
    const isSpared = !spares.mayDisturb(messages);
    const hit = isSpared ? undefined : choose(facts, messages);
    const end = hit === undefined ? undefined : endOf(hit.rule, hit.subject, dice);
    const isAtCall = typeof end === 'object';
    const invocation = follow(facts, messages, { isSpared, fate: isAtCall ? end : undefined });
    if (hit === undefined || end === undefined || isAtCall) return undefined;
    invocation.disturb();
    record.add(hit.rule, `${facts.functionName} ${end}`);
    return end === 'before-handler' ? 'crash-before-handler' : 'crash-after-handler';
  };

  /** Once throttled, a function stays so for a while; what nobody would hand over again gets through. */
  const onAdmission = ({ functionName, payload }: AdmissionFacts): Throttle | undefined => {
    const messages = messagesOf(payload);
    if (messages.length === 0 || !spares.mayDisturb(messages)) return undefined;
    if ((throttledUntil.get(functionName) ?? 0) > clock.now()) return 'function';
    for (const [index, rule] of plan.rules.entries()) {
      if (rule.kind !== 'throttled-function' || !record.mayHit(rule) || !passes({ functionName }, rule.only)) continue;
      const subject = `throttle rule ${index} ${functionName}`;
      if (!dice.next(subject, rule.oneIn)) continue;
      record.add(rule, functionName);
      spares.disturb(messages);
      const hit = `${subject} hit ${record.countOf(rule)}`;
      throttledUntil.set(functionName, clock.now() + dice.pick(hit, rule.longestMs));
      return dice.choose(`${hit} whose`, 2) === 0 ? 'function' : 'account';
    }
    return undefined;
  };

  return {
    hooks: { onInvocation, onAdmission, onInvocationEnd: (requestId) => endings.get(requestId)?.() },
    find: (caller) => (caller.kind === 'role' ? byTrace.get(caller.traceId ?? '') : undefined),
  };
}

/** Where the worker of an invocation ends: around its handler, or at one of its calls. */
function endOf(rule: WorkerRule, subject: string, dice: Dice): Fate | 'before-handler' | 'after-handler' | undefined {
  const call = dice.pick(`${subject} call`, rule.latestCall ?? DEFAULT_LATEST_CALL);
  if (rule.kind === 'frozen-worker') return { kind: 'frozen', rule, call, longestMs: rule.longestMs };
  if (rule.kind === 'replaced-environment') return { kind: 'replaced', rule, call };
  const { points = ALL_POINTS } = rule;
  const point = points[dice.choose(`${subject} point`, points.length)];
  if (point === 'on-call' || point === 'after-call') return { kind: 'killed', rule, point, call };
  return point;
}
