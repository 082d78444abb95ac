import { hash } from 'node:crypto';
import { isObject, stringAt } from '../template/json.ts';
import { type CarriedMessage, receivedMessages } from './carried-messages.ts';
import { passes, resourcesOf } from './fault-filter.ts';
import type { FaultRule } from './fault-plan.ts';
import type { ServiceCall } from './intercept.ts';
import type { Invocation } from './invocations.ts';
import type { Spares } from './spares.ts';

/** Which calls may be disturbed without harm that the plan does not intend. */
export interface CallEligibility {
  matches(rule: FaultRule, operation: string, call: ServiceCall, invocation: Invocation | undefined): boolean;
  /** Counts a call that failed, or whose answer was lost. */
  disturbed(operation: string, call: ServiceCall, invocation: Invocation | undefined): void;
  /** Learns from what an engine answered. */
  answered(operation: string, call: ServiceCall, output: object): void;
  /** Messages whose answer is lost have used up a receive. */
  mayLose(operation: string, call: ServiceCall, output: object): boolean;
  /** What the answer to a receive brings. */
  messagesIn(call: ServiceCall, output: object): readonly CarriedMessage[];
  /** What fails with an entry of a batch call. */
  messageOf(entry: unknown): CarriedMessage;
}

/** SDKs make three attempts: where nobody repeats the whole, the third must succeed. */
const MOST_WITHOUT_REPETITION = 2;

export function createCallEligibility(spares: Spares): CallEligibility {
  const byHandle = new Map<string, CarriedMessage>();
  const userCalls = new Map<string, number>();

  const handledBy = (entry: unknown): CarriedMessage[] => {
    const message = byHandle.get(stringAt(entry, 'ReceiptHandle') ?? '');
    return message === undefined ? [] : [message];
  };
  /** Messages that come again when a call about their receipt handles fails. */
  const messagesAt = ({ input }: ServiceCall): CarriedMessage[] => {
    const entries: unknown = input['Entries'];
    return [...handledBy(input), ...(Array.isArray(entries) ? entries.flatMap(handledBy) : [])];
  };
  const received = (operation: string, { input }: ServiceCall, output: object) =>
    operation === 'sqs:ReceiveMessage' ? receivedMessages(input, output) : undefined;

  const mayFail = (operation: string, call: ServiceCall, invocation: Invocation | undefined): boolean => {
    if (invocation !== undefined) {
      const isRepeated = invocation.messages.length > 0 || invocation.faultyCalls < MOST_WITHOUT_REPETITION;
      return isRepeated && !invocation.isSpared;
    }
    if (call.caller.kind === 'user') {
      return (userCalls.get(identityOf(operation, call.input)) ?? 0) < MOST_WITHOUT_REPETITION;
    }
    return spares.mayDisturb(messagesAt(call));
  };

  return {
    matches(rule, operation, call, invocation) {
      const opportunity = {
        operation,
        functionName: call.caller.kind === 'role' ? call.caller.sessionName : undefined,
        resources: () => resourcesOf(call.input),
        caller: call.caller.kind,
      };
      return passes(opportunity, rule.only) && mayFail(operation, call, invocation);
    },
    disturbed(operation, call, invocation) {
      if (invocation !== undefined) {
        invocation.faultyCalls++;
        invocation.disturb();
      } else if (call.caller.kind === 'user') {
        const identity = identityOf(operation, call.input);
        userCalls.set(identity, (userCalls.get(identity) ?? 0) + 1);
      } else {
        spares.disturb(messagesAt(call));
      }
    },
    answered(operation, call, output) {
      for (const [handle, message] of received(operation, call, output) ?? []) byHandle.set(handle, message);
    },
    mayLose(operation, call, output) {
      const messages = received(operation, call, output);
      if (messages === undefined) return true;
      return messages.size > 0 && spares.mayDisturb([...messages.values()]);
    },
    messagesIn: ({ input }, output) => [...receivedMessages(input, output).values()],
    messageOf(entry) {
      const [message] = handledBy(entry);
      const id = eventIdOf(stringAt(entry, 'Detail')) ?? identityOf('entry', entry);
      return message ?? { id, queueName: undefined, receiveCount: undefined };
    },
  };
}

const identityOf = (what: string, value: unknown): string => hash('md5', `${what} ${JSON.stringify(value)}`);

/** An event keeps its id when it is published again. */
function eventIdOf(detail: string | undefined): string | undefined {
  if (detail === undefined) return undefined;
  try {
    const event: unknown = JSON.parse(detail);
    return isObject(event) ? stringAt(event, 'id') : undefined;
  } catch {
    return undefined;
  }
}
