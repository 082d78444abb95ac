import type { EventDefinition } from './event-definition.ts';
import { isTimestamp } from './timestamp.ts';
import { ContractError } from './waybill-error.ts';

/**
 * `strict`: events of a group are always processed in sequence order; a dead letter holds its group. `fifo`: events are
 * processed in order of arrival; later events pass a dead letter. Saves one cursor write per event.
 */
export type Ordering = 'strict' | 'fifo';

/**
 * Where a strict consumer starts in a group for which it has no cursor: at the oldest event in the log since the
 * consumer's deployment, since the log's horizon, or since a time (RFC 3339).
 */
export type StartFrom = 'deployment' | 'horizon' | (string & {});

/**
 * When a consumer claims an event, so that its effects happen once:
 *
 * - `commit`: with the commit of its handler's writes, in the same transaction. An execution that comes second runs the
 *   handler, and its commit is refused.
 * - `before`: in a write of its own before the handler runs, so that two executions never call an external system for one
 *   event at a time. Costs one more write for each event.
 */
export type Claim = 'commit' | 'before';

/** Exponential backoff with full jitter, based on the receive count. */
export interface RetryPolicy {
  /** Maximum delay after the first failure, in seconds: 1 to 43200 (12 hours). */
  readonly baseSeconds: number;
  /** Maximum delay, in seconds: `baseSeconds` to 43200 (12 hours). */
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
  /** Undefined: as `claimOf` says. */
  readonly claim: Claim | undefined;
}

export interface SubscriptionProps<Name extends string, Events extends readonly EventDefinition[]> {
  /**
   * Name of the consumer, unique per hub: 1 to 40 lower-case letters, digits and hyphens, starting with a letter. It is part of
   * every inbox key and cursor: a renamed consumer loses its state.
   */
  readonly name: Name;
  /** The subscribed event types: at least one, without duplicates. */
  readonly events: Events;
  /** @default 'strict' */
  readonly ordering?: Ordering;
  /** Strict consumers only. @default 'deployment' */
  readonly startFrom?: StartFrom;
  /** @default DEFAULT_RETRY */
  readonly retry?: RetryPolicy;
  /**
   * Codes or names (`error.code`, `error.name`) of errors that are not retried: their events go to the DLQ immediately.
   * @default - none
   */
  readonly permanentErrors?: readonly string[];
  /** When the consumer claims an event. @default 'commit'; 'before' if its construct has `externalSystems` */
  readonly claim?: Claim;
}

/** With five receives, an average of about 40 seconds from the first failure to the DLQ. */
export const DEFAULT_RETRY: RetryPolicy = { baseSeconds: 5, capSeconds: 600 };

/**
 * The longest visibility timeout. @see
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 */
const LONGEST_WAIT_SECONDS = 43_200;

/**
 * Declares the subscription of a consumer. Used by its construct for the queue and the rule, and by its code for the
 * handlers.
 *
 * @example
 * export const billing = defineSubscription({ name: 'billing', events: [OrderPlaced, OrderCancelled] });
 *
 * @throws ContractError `CONTRACT_INVALID` listing all problems
 */
export function defineSubscription<const Name extends string, const Events extends readonly EventDefinition[]>(
  props: SubscriptionProps<Name, Events>,
): Subscription<Name, Events> {
  const { name, events, ordering = 'strict', retry = DEFAULT_RETRY, permanentErrors = [] } = props;
  const problems: string[] = [];
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) {
    problems.push(`name must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter, got '${name}'`);
  }
  if (events.length === 0) problems.push('events must have at least one event, got none');
  // a missing or circular import is undefined
  const missing = events.findIndex((event: EventDefinition | undefined) => typeof event?.type !== 'string');
  if (missing !== -1)
    throw new ContractError(`subscription '${name}'`, [
      ...problems,
      `events must be results of defineEvent, got ${String(events[missing])} at position ${missing + 1}`,
    ]);
  const types = events.map((event) => event.type);
  const repeated = types.filter((type, index) => types.indexOf(type) !== index);
  if (repeated.length > 0)
    problems.push(`events must have each type once, got duplicates of '${repeated.join("', '")}'`);
  if (ordering !== 'strict' && ordering !== 'fifo') {
    problems.push(`ordering must be 'strict' or 'fifo', got '${String(ordering)}'`);
  }
  if (!Array.isArray(permanentErrors) || permanentErrors.some((name) => typeof name !== 'string' || name === '')) {
    problems.push(`permanentErrors must be a list of error codes or names, got ${JSON.stringify(permanentErrors)}`);
  }
  if (props.claim !== undefined && !CLAIMS.includes(props.claim)) {
    problems.push(`claim must be 'commit' or 'before', got '${String(props.claim)}'`);
  }
  const { baseSeconds, capSeconds } = retry;
  if (!(baseSeconds >= 1 && capSeconds >= baseSeconds && capSeconds <= LONGEST_WAIT_SECONDS)) {
    problems.push(
      `retry must have 1 <= baseSeconds <= capSeconds <= ${LONGEST_WAIT_SECONDS}, got ${baseSeconds} and ${capSeconds}`,
    );
  }
  problems.push(...startProblems(props.startFrom, ordering));
  if (problems.length > 0) throw new ContractError(`subscription '${name}'`, problems);
  return Object.freeze({
    name,
    events,
    ordering,
    startFrom: props.startFrom ?? 'deployment',
    retry,
    permanentErrors,
    claim: props.claim,
  });
}

const CLAIMS: readonly unknown[] = ['commit', 'before'] satisfies readonly Claim[];

/**
 * When a consumer claims an event: as its subscription says, else `before` if it calls external systems.
 * @param externalSystems as the consumer's construct declares them
 */
export const claimOf = ({ claim }: Pick<Subscription, 'claim'>, externalSystems: readonly string[] = []): Claim =>
  claim ?? (externalSystems.length > 0 ? 'before' : 'commit');

function startProblems(startFrom: StartFrom | undefined, ordering: Ordering): readonly string[] {
  if (startFrom === undefined) return [];
  if (ordering === 'fifo') return [`startFrom requires ordering 'strict', got '${startFrom}' with 'fifo'`];
  if (startFrom === 'deployment' || startFrom === 'horizon' || isTimestamp(startFrom)) return [];
  return [
    `startFrom must be 'deployment', 'horizon' or an RFC 3339 timestamp with an offset such as '2026-07-01T00:00:00Z', got '${startFrom}'`,
  ];
}
