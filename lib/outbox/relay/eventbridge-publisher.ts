import { type EventBridgeClient, PutEventsCommand, type PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import { RelayMisconfiguredError } from '../errors.ts';
import { failureOf, failureOfError } from './failure.ts';
import type { EntryResult, EventPublisher, PublishAnswer } from './ports.ts';

export interface EventBridgePublisherProps {
  /** With `maxAttempts: 1`: the relay retries itself, counts it, and knows how much time there is. */
  readonly client: EventBridgeClient;
  /** Name or ARN of the bus. */
  readonly busName: string;
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
const BUS_NAME = /^(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/.\-_A-Za-z0-9]+$/;

/**
 * Wrong wiring, not a wrong event: a missing permission, a bus of another account. AWS counts these among the codes not
 * to retry, but a deploy mends them, and quarantining would bury the whole outbox on account of one policy.
 */
const MISCONFIGURED = new Set(['AccessDeniedException', 'InvalidAccountIdException']);

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html */
const REFUSED = new Set([
  'InvalidArgument',
  'MalformedDetail',
  'NotAuthorizedForDetailTypeException',
  'NotAuthorizedForSourceException',
  'RedactionFailure',
]);

/**
 * Publishes to an EventBridge bus.
 * @throws RelayMisconfiguredError `RELAY_MISCONFIGURED` for a bus name that AWS would refuse: every call would then look
 * as if its events were at fault
 */
export function createEventBridgePublisher({ client, busName }: EventBridgePublisherProps): EventPublisher {
  if (!BUS_NAME.test(busName)) {
    throw new RelayMisconfiguredError(
      `the bus must be a name of letters, digits, '/', '.', '-', '_', or the ARN of a bus, got '${busName}'`,
    );
  }
  return {
    async publish(entries, signal) {
      const command = new PutEventsCommand({
        Entries: entries.map((entry) => ({
          EventBusName: busName,
          Source: entry.source,
          DetailType: entry.detailType,
          Detail: entry.detail,
          Time: new Date(entry.time),
        })),
      });
      try {
        const { Entries: results = [] } = await client.send(command, { abortSignal: signal });
        return readAnswer(results, entries.length);
      } catch (error) {
        return readError(error, entries.length);
      }
    },
  };
}

function readAnswer(results: readonly PutEventsResultEntry[], expected: number): PublishAnswer {
  if (results.length === expected) return { status: 'answered', results: results.map(readEntry) };
  // results are matched by place: with another number of them, no place can be trusted
  const failure = failureOf('RESULTS_MISMATCH', `PutEvents answered ${results.length} results for ${expected} entries`);
  return sameForAll({ status: 'retryable', failure }, expected);
}

function readEntry({ EventId, ErrorCode, ErrorMessage }: PutEventsResultEntry): EntryResult {
  if (ErrorCode === undefined && EventId !== undefined) return { status: 'accepted', eventId: EventId };
  const failure = failureOf(
    ErrorCode ?? 'NO_RESULT',
    ErrorMessage ?? (ErrorCode === undefined ? 'PutEvents gave neither an event id nor an error' : undefined),
  );
  if (MISCONFIGURED.has(failure.code)) return { status: 'misconfigured', failure };
  return { status: REFUSED.has(failure.code) ? 'refused' : 'retryable', failure };
}

/** A request that failed as a whole; whether any of it was published is not known, except when it was found invalid. */
function readError(error: unknown, expected: number): PublishAnswer {
  const failure = failureOfError(error);
  if (failure.code === 'ValidationException') return { status: 'request-refused', failure };
  return sameForAll({ status: MISCONFIGURED.has(failure.code) ? 'misconfigured' : 'retryable', failure }, expected);
}

const sameForAll = (result: EntryResult, count: number): PublishAnswer => ({
  status: 'answered',
  results: Array.from({ length: count }, () => result),
});
