import type { EngineClock } from '../clock.ts';
import { ConnectionLostError } from '../endpoint/connection-lost-error.ts';
import type { JsonObject } from '../endpoint/service.ts';
import { createCallEligibility } from './call-eligibility.ts';
import { createCapacityFaults } from './capacity-faults.ts';
import type { Dice } from './dice.ts';
import { canConflict, conflictError, IN_PROGRESS, nothingProcessed } from './dynamodb-refusals.ts';
import type { FaultKind, FaultPlan, FaultRule } from './fault-plan.ts';
import type { FaultRecord } from './fault-record.ts';
import type { Intercept, ServiceCall } from './intercept.ts';
import type { Invocation, Invocations } from './invocations.ts';
import { operationName } from './operation-name.ts';
import {
  failInPart,
  isBatchCall,
  leaveUnprocessed,
  mayLeaveUnprocessed,
  type PartialFailure,
} from './partial-failure.ts';
import { isOfKind } from './rules-of-kind.ts';
import type { Spares } from './spares.ts';
import { canThrottle, throttlingOf } from './throttling.ts';
import type { PartitionKeyOf } from './touched-partitions.ts';
import { waitFor } from './waiting.ts';

export interface CallFaultsDeps {
  readonly plan: FaultPlan;
  readonly dice: Dice;
  readonly record: FaultRecord;
  readonly spares: Spares;
  readonly invocations: Pick<Invocations, 'find'>;
  readonly clock: EngineClock;
  /** Of the run's tables. */
  readonly partitionKeyOf: PartitionKeyOf;
}

export interface CallFaults {
  readonly intercept: Intercept;
  /** Calls of frozen workers that have yet to arrive. */
  late(): number;
}

/** One call of many, and what is known of it. */
interface Subject {
  readonly operation: string;
  readonly call: ServiceCall;
  readonly invocation: Invocation | undefined;
}

type Next = (input?: JsonObject) => Promise<object>;

/** Entries of a batch besides the one that is bound to fail. */
const OTHER_ENTRY_FAILS = 0.3;

/** What goes wrong between callers and engines. */
export function createCallFaults(deps: CallFaultsDeps): CallFaults {
  const { plan, dice, record, spares, invocations, clock } = deps;
  const eligibility = createCallEligibility(spares);
  let late = 0;
  let receives = 0;

  /** The first rule of the kind whose turn it is; what is not eligible is not counted either. */
  const hit = <Kind extends FaultKind>(kind: Kind, { operation, call, invocation }: Subject) => {
    for (const [index, rule] of plan.rules.entries()) {
      if (!isOfKind(rule, kind) || !record.mayHit(rule)) continue;
      if (!eligibility.matches(rule, operation, call, invocation)) continue;
      if (dice.next(`rule ${index} ${operation}`, rule.oneIn)) {
        return { rule, subject: `rule ${index} ${operation} hit ${record.countOf(rule)}` };
      }
    }
    return undefined;
  };

  const disturb = (rule: FaultRule, { operation, call, invocation }: Subject, what: string) => {
    eligibility.disturbed(operation, call, invocation);
    record.add(rule, `${operation}: ${what}`);
  };

  const capacity = createCapacityFaults<Subject>({
    dice,
    clock,
    partitionKeyOf: deps.partitionKeyOf,
    hit,
    mayRefuse: (rule, { operation, call, invocation }) =>
      record.mayHit(rule) && eligibility.matches(rule, operation, call, invocation),
  });

  const slow = async (subject: Subject) => {
    const found = hit('slow-call', subject);
    if (found === undefined) return;
    record.add(found.rule, subject.operation);
    await waitFor(clock, dice.pick(found.subject, found.rule.longestMs));
  };

  const throttle = (subject: Subject) => {
    if (!canThrottle(subject.operation)) return;
    const found = hit('throttle', subject);
    if (found === undefined) return;
    let choices = 0;
    const choose = (count: number) => dice.choose(`${found.subject} choice ${choices++}`, count);
    const error = throttlingOf(subject.operation, subject.call.input, choose);
    const [, reason] = /\[(?:None, )*(\w+)/.exec(error.message) ?? [];
    disturb(found.rule, subject, reason === undefined ? error.code : `${error.code} (${reason})`);
    throw error;
  };

  /** Throws for a call that is refused as a whole. */
  const lackCapacity = (subject: Subject): PartialFailure | undefined => {
    const refusal = capacity.refusalOf(subject);
    if (refusal === undefined) return undefined;
    const { rule, what, error, parts } = refusal;
    disturb(rule, subject, what);
    if (parts === undefined) throw error;
    return leaveUnprocessed(subject.operation, subject.call.input, parts);
  };

  const conflict = async (subject: Subject, next: Next) => {
    if (!canConflict(subject.operation)) return;
    const found = hit('transaction-conflict', subject);
    if (found === undefined) return;
    let choices = 0;
    const choose = (count: number) => dice.choose(`${found.subject} choice ${choices++}`, count);
    const error = conflictError(subject.operation, subject.call.input, choose);
    disturb(found.rule, subject, error.code);
    // a transaction in progress may come to pass without anybody being told
    if (error.code === IN_PROGRESS && choose(2) === 0) await Promise.allSettled([next()]);
    throw error;
  };

  const leaveSome = (subject: Subject): PartialFailure | undefined => {
    if (!mayLeaveUnprocessed(subject.operation)) return undefined;
    const found = hit('unprocessed-keys', subject);
    if (found === undefined) return undefined;
    disturb(found.rule, subject, 'entries unprocessed');
    const share = dice.draw(`${found.subject} share`);
    let entry = 0;
    const partial = leaveUnprocessed(
      subject.operation,
      subject.call.input,
      () => dice.draw(`${found.subject} entry ${entry++}`) < share,
    );
    if (partial === undefined) throw nothingProcessed();
    return partial;
  };

  const failEntries = (subject: Subject): PartialFailure | undefined => {
    if (!isBatchCall(subject.operation)) return undefined;
    const found = hit('partial-failure', subject);
    if (found === undefined) return undefined;
    const partial = failInPart(subject.operation, subject.call.input, (entries) => {
      const able = entries.filter((entry) => spares.mayDisturb([eligibility.messageOf(entry)]));
      const bound = dice.choose(`${found.subject} bound`, able.length);
      const failing = able.filter(
        (_, index) => index === bound || dice.draw(`${found.subject} entry ${index}`) < OTHER_ENTRY_FAILS,
      );
      spares.disturb(failing.map(eligibility.messageOf));
      return new Set(failing);
    });
    if (partial === undefined) return undefined;
    // of a mapping's batch only the failed entries come again
    if (subject.invocation !== undefined) eligibility.disturbed(subject.operation, subject.call, subject.invocation);
    record.add(found.rule, `${subject.operation}: entries of a batch`);
    return partial;
  };

  const loseAnswer = (subject: Subject, output: object) => {
    if (!eligibility.mayLose(subject.operation, subject.call, output)) return;
    const found = hit('lost-response', subject);
    if (found === undefined) return;
    if (subject.operation === 'sqs:ReceiveMessage') spares.disturb(eligibility.messagesIn(subject.call, output));
    disturb(found.rule, subject, 'done, but not answered');
    throw new ConnectionLostError();
  };

  /** Whether a receive is one that can be repeated: its answer could be lost. */
  const repeats = ({ operation, call }: Subject): boolean =>
    operation === 'sqs:ReceiveMessage' &&
    call.caller.kind === 'role' &&
    String(call.input['QueueUrl']).endsWith('.fifo') &&
    plan.rules.some(({ kind }) => kind === 'repeated-receive');

  /** The first answer is lost, and the second one brings the same messages, for as long as they have not been touched. */
  const receiveTwice = async (subject: Subject, next: Next): Promise<object> => {
    const input = { ...subject.call.input, ReceiveRequestAttemptId: `attempt-${++receives}` };
    const output = await next(input);
    if (eligibility.messagesIn(subject.call, output).length === 0) return output;
    const found = hit('repeated-receive', subject);
    if (found === undefined) return output;
    record.add(found.rule, subject.operation);
    return next(input);
  };

  return {
    late: () => late,
    async intercept(call, next) {
      const invocation = invocations.find(call.caller);
      const subject = { operation: operationName(call), call, invocation };
      if (invocation !== undefined) await meetFate(subject.operation, invocation, next);
      await slow(subject);
      throttle(subject);
      await conflict(subject, next);
      const partial = lackCapacity(subject) ?? leaveSome(subject) ?? failEntries(subject);
      const output = repeats(subject) ? await receiveTwice(subject, next) : await through(partial, next);
      eligibility.answered(subject.operation, call, output);
      loseAnswer(subject, output);
      return output;
    },
  };

  /** Stops the call of a worker whose time has come: a killed one's is lost, a frozen one's may arrive late. */
  async function meetFate(operation: string, invocation: Invocation, next: Next): Promise<void> {
    const { fate, facts } = invocation;
    const call = ++invocation.calls;
    if (invocation.state === 'killed') throw new ConnectionLostError();
    if (fate === undefined) return;
    const isNow = invocation.state === 'running' && fate.call === call && record.mayHit(fate.rule);
    if (isNow) {
      invocation.disturb();
      const point = fate.kind === 'killed' ? fate.point : 'on-call';
      record.add(fate.rule, `${facts.functionName} ${point}:${call} (${operation})`);
      invocation.state = fate.kind;
      if (fate.kind === 'frozen') facts.freeze();
      if (fate.kind === 'replaced') facts.replace();
    }
    if (invocation.state === 'running' || fate.kind === 'replaced') return;
    if (fate.kind === 'killed') {
      // done, and the worker ends before it is told
      if (fate.point === 'after-call') await Promise.allSettled([next()]);
      facts.kill();
    } else {
      late++;
      await invocation.ended;
      await waitFor(clock, dice.pick(`late ${facts.functionName} ${facts.number} call ${call}`, fate.longestMs));
      await Promise.allSettled([next()]);
      late--;
    }
    throw new ConnectionLostError();
  }
}

const through = async (partial: PartialFailure | undefined, next: Next): Promise<object> => {
  if (partial === undefined) return next();
  return partial.merge(partial.input === undefined ? {} : await next(partial.input));
};
