import { ContractError } from './errors.ts';
import type { EventDefinition } from './event-definition.ts';
import { isTimestamp } from './timestamp.ts';

/**
 * `strict`: within a group, events are handled in sequence order, always; a dead letter holds its own group.
 * `fifo`: as they arrive at the queue; a dead letter lets its successors pass. Cheaper by a cursor write per event.
 */
export type Ordering = 'strict' | 'fifo';

/**
 * Where a strict consumer starts in a group that it has no cursor for: at the oldest event that the log still holds
 * and that is not older than the consumer's deployment, than the log's horizon, or than an instant (RFC 3339).
 */
export type StartFrom = 'deployment' | 'horizon' | (string & {});

/** Exponential backoff with full jitter, from the receive count. */
export interface RetryPolicy {
  /** Longest wait after the first failure, 1 to 43200 (12 hours). */
  readonly baseSeconds: number;
  /** Longest wait of all, from `baseSeconds` to 43200 (12 hours). */
  readonly capSeconds: number;
}

export interface Subscription<
  Name extends string = string,
  Events extends readonly EventDefinition[] = readonly EventDefinition[],
> {
  readonly name: Name;
  readonly events: Events;
  readonly ordering: Ordering;
  readonly startFrom: StartFrom;
  readonly retry: RetryPolicy;
  readonly permanentErrors: readonly string[];
}

export interface SubscriptionProps<Name extends string, Events extends readonly EventDefinition[]> {
  /** Name of the consumer, unique per hub: 1 to 40 lower-case letters, digits and hyphens, a letter first. It is part of every inbox key and cursor: renaming a consumer makes it forget. */
  readonly name: Name;
  /** The event types that it takes: at least one, each once. */
  readonly events: Events;
  /** @default 'strict' */
  readonly ordering?: Ordering;
  /** Strict consumers only. @default 'deployment' */
  readonly startFrom?: StartFrom;
  /** @default DEFAULT_RETRY */
  readonly retry?: RetryPolicy;
  /** Codes or names (`error.code`, `error.name`) of errors that no retry mends: their events go to the DLQ at once. @default - none */
  readonly permanentErrors?: readonly string[];
}

/** With five receives some 40 seconds on average from the first failure to the DLQ. */
export const DEFAULT_RETRY: RetryPolicy = { baseSeconds: 5, capSeconds: 600 };

/** The longest visibility timeout. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html */
const LONGEST_WAIT_SECONDS = 43_200;

/**
 * Declares what a consumer takes. Pure: its construct reads the queue and the rule from it, its code the handlers.
 *
 * @example
 * export const billing = defineSubscription({ name: 'billing', events: [OrderPlaced, OrderCancelled] });
 *
 * @throws ContractError `CONTRACT_INVALID` naming everything that is wrong with the subscription
 */
export function defineSubscription<const Name extends string, const Events extends readonly EventDefinition[]>(
  props: SubscriptionProps<Name, Events>,
): Subscription<Name, Events> {
  const { name, events, ordering = 'strict', retry = DEFAULT_RETRY, permanentErrors = [] } = props;
  const problems: string[] = [];
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) {
    problems.push(`name must be 1 to 40 lower-case letters, digits and hyphens, a letter first, got '${name}'`);
  }
  if (events.length === 0) problems.push('events must name at least one event, got none');
  // an import that is missing, or goes round in a circle, is undefined
  const missing = events.findIndex((event: EventDefinition | undefined) => typeof event?.type !== 'string');
  if (missing !== -1)
    throw new ContractError(`subscription '${name}'`, [
      ...problems,
      `events must be definitions of defineEvent, got ${String(events[missing])} at place ${missing + 1}`,
    ]);
  const types = events.map((event) => event.type);
  const repeated = types.filter((type, index) => types.indexOf(type) !== index);
  if (repeated.length > 0) problems.push(`events must name each type once, got more of '${repeated.join("', '")}'`);
  if (ordering !== 'strict' && ordering !== 'fifo') {
    problems.push(`ordering must be 'strict' or 'fifo', got '${String(ordering)}'`);
  }
  if (!Array.isArray(permanentErrors) || permanentErrors.some((name) => typeof name !== 'string' || name === '')) {
    problems.push(`permanentErrors must be a list of codes or names of errors, got ${JSON.stringify(permanentErrors)}`);
  }
  const { baseSeconds, capSeconds } = retry;
  if (!(baseSeconds >= 1 && capSeconds >= baseSeconds && capSeconds <= LONGEST_WAIT_SECONDS)) {
    problems.push(
      `retry must have 1 <= baseSeconds <= capSeconds <= ${LONGEST_WAIT_SECONDS}, got ${baseSeconds} and ${capSeconds}`,
    );
  }
  problems.push(...startProblems(props.startFrom, ordering));
  if (problems.length > 0) throw new ContractError(`subscription '${name}'`, problems);
  return Object.freeze({ name, events, ordering, startFrom: props.startFrom ?? 'deployment', retry, permanentErrors });
}

function startProblems(startFrom: StartFrom | undefined, ordering: Ordering): readonly string[] {
  if (startFrom === undefined) return [];
  if (ordering === 'fifo') return [`startFrom is for ordering 'strict' only, got '${startFrom}' with 'fifo'`];
  if (startFrom === 'deployment' || startFrom === 'horizon' || isTimestamp(startFrom)) return [];
  return [
    `startFrom must be 'deployment', 'horizon' or an RFC 3339 timestamp with an offset such as '2026-07-01T00:00:00Z', got '${startFrom}'`,
  ];
}
