import { type EventBridgeClient, PutEventsCommand, type PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import { RelayMisconfiguredError } from '../errors.ts';
import { failureOf, failureOfError } from './failure.ts';
import type { EntryResult, EventPublisher, PublishAnswer } from './ports.ts';

export interface EventBridgePublisherProps {
  /** With `maxAttempts: 1`: the relay retries itself, counts retries, and knows the remaining time. */
  readonly client: EventBridgeClient;
  /** Name or ARN of the bus. */
  readonly busName: string;
}

/** @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
const BUS_NAME = /^(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/.\-_A-Za-z0-9]+$/;

/**
 * Errors of the deployment, not of an event: a missing permission, or a bus of another account. AWS lists these codes
 * as not retryable, but a deployment fixes them. Quarantining would affect the whole outbox.
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
 * Creates a publisher for an EventBridge bus.
 * @throws RelayMisconfiguredError `RELAY_MISCONFIGURED` for a bus name that AWS would reject; otherwise every call
 * would look like an error of its events
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
  // results are matched by index, so with a different count none can be trusted
  const failure = failureOf('RESULTS_MISMATCH', `PutEvents returned ${results.length} results for ${expected} entries`);
  return sameForAll({ status: 'retryable', failure }, expected);
}

function readEntry({ EventId, ErrorCode, ErrorMessage }: PutEventsResultEntry): EntryResult {
  if (ErrorCode === undefined && EventId !== undefined) return { status: 'accepted', eventId: EventId };
  const failure = failureOf(
    ErrorCode ?? 'NO_RESULT',
    ErrorMessage ?? (ErrorCode === undefined ? 'PutEvents returned neither an event id nor an error' : undefined),
  );
  if (MISCONFIGURED.has(failure.code)) return { status: 'misconfigured', failure };
  return { status: REFUSED.has(failure.code) ? 'refused' : 'retryable', failure };
}

/** Interprets an error of the whole request. Unless the request was invalid, some entries may have been published. */
function readError(error: unknown, expected: number): PublishAnswer {
  const failure = failureOfError(error);
  if (failure.code === 'ValidationException') return { status: 'request-refused', failure };
  return sameForAll({ status: MISCONFIGURED.has(failure.code) ? 'misconfigured' : 'retryable', failure }, expected);
}

const sameForAll = (result: EntryResult, count: number): PublishAnswer => ({
  status: 'answered',
  results: Array.from({ length: count }, () => result),
});
