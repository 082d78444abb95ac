/** What SQS holds a queue to. */
export interface SqsLimits {
  /**
   * Messages in flight. Beyond it a FIFO queue hands out nothing more, and says nothing; a standard queue answers
   * `OverLimit` to a receive that does not wait, and nothing to one that does.
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-fifo.html
   */
  readonly inFlight: number;
  /**
   * How many of a FIFO queue's messages, those in flight among them, are looked through for groups that are free.
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/avoid-backlog-with-the-same-message-group-id.html
   */
  readonly lookAhead: number;
  /**
   * Calls of one action in a second: of a FIFO queue, or, with high throughput, that send to one message group.
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/troubleshooting-fifo-throttling-issues.html
   */
  readonly callsPerSecond: number;
}

export const AWS_LIMITS: SqsLimits = { inFlight: 120_000, lookAhead: 120_000, callsPerSecond: 300 };
