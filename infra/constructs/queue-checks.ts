import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';
import type { EnvironmentSettings } from '../settings.ts';
import { numberIn, renderedProperties, resourceOf } from './rendered.ts';

/** The visibility timeout must be at least six timeouts of the function. @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
export const TIMEOUTS_PER_VISIBILITY = 6;

/** The services' default for a property that a template omits. */
const DEFAULT_RETENTION_SECONDS = 345_600;
const DEFAULT_VISIBILITY_SECONDS = 30;
const DEFAULT_TIMEOUT_SECONDS = 3;

const DAY_SECONDS = 86_400;

export interface CheckedConsumer {
  readonly queue: IQueue;
  readonly deadLetterQueue: IQueue;
  readonly function: IFunction;
}

/**
 * What is wrong with a consumer's queues as the template will have them. The constructs derive right values; an escape
 * hatch (`queue.node.defaultChild`, `addPropertyOverride`, an aspect) may have changed them since.
 */
export function queueProblems(consumer: CheckedConsumer, settings: EnvironmentSettings): readonly string[] {
  const { queue, deadLetterQueue } = consumer;
  const retention = secondsOf(queue, 'MessageRetentionPeriod', DEFAULT_RETENTION_SECONDS);
  const deadLetterRetention = secondsOf(deadLetterQueue, 'MessageRetentionPeriod', DEFAULT_RETENTION_SECONDS);
  return [
    visibilityProblem(consumer),
    ...(retention === undefined || deadLetterRetention === undefined
      ? []
      : [
          deadLetterProblem(deadLetterQueue, deadLetterRetention, retention),
          memoryProblem('outboxRetentionDays', settings.outboxRetentionDays, retention, deadLetterRetention),
          memoryProblem('inboxExpiryDays', settings.inboxExpiryDays, retention, deadLetterRetention),
        ]),
  ].filter((problem) => problem !== undefined);
}

function visibilityProblem({ queue, function: handler }: CheckedConsumer): string | undefined {
  const visibility = secondsOf(queue, 'VisibilityTimeout', DEFAULT_VISIBILITY_SECONDS);
  const timeout = secondsOf(handler, 'Timeout', DEFAULT_TIMEOUT_SECONDS);
  if (visibility === undefined || timeout === undefined) return undefined;
  const least = TIMEOUTS_PER_VISIBILITY * timeout;
  if (visibility >= least) return undefined;
  return `VisibilityTimeout of '${queue.node.path}' must be at least ${least} seconds, six timeouts of the function (${timeout} seconds), got ${visibility}: raise it or shorten the timeout, otherwise SQS delivers messages again while they are being handled`;
}

function deadLetterProblem(deadLetterQueue: IQueue, seconds: number, queueSeconds: number): string | undefined {
  if (seconds > queueSeconds) return undefined;
  return `MessageRetentionPeriod of '${deadLetterQueue.node.path}' must exceed the ${queueSeconds} seconds of the queue, got ${seconds}: raise it or shorten the queue's, otherwise dead letters expire before they can be inspected`;
}

function memoryProblem(
  setting: 'outboxRetentionDays' | 'inboxExpiryDays',
  days: number,
  queueSeconds: number,
  deadLetterSeconds: number,
): string | undefined {
  const way = (queueSeconds + deadLetterSeconds) / DAY_SECONDS;
  if (days >= way) return undefined;
  const consequence =
    setting === 'outboxRetentionDays'
      ? 'an event could expire in the log before its redrive'
      : 'a redriven event could be handled twice';
  return `${setting} must be at least ${Math.ceil(way)} days, since a message may spend ${queueSeconds} seconds in the queue and ${deadLetterSeconds} as a dead letter, got ${days}: raise the setting or shorten the queues' MessageRetentionPeriod, else ${consequence}`;
}

/** Undefined if it is only known at deployment, or if this app does not create the queue. */
function secondsOf(construct: IConstruct, property: string, byDefault: number): number | undefined {
  const resource = resourceOf(construct);
  return resource === undefined ? undefined : numberIn(renderedProperties(resource), property, byDefault);
}
