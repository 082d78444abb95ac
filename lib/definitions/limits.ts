/**
 * Bytes of one PutEvents request, all entries together. @see
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
 */
export const PUT_EVENTS_MAX_BYTES = 1_048_576;

/** Entries of one PutEvents request. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
export const PUT_EVENTS_MAX_ENTRIES = 10;

/**
 * Characters of a PutEvents `DetailType`, hence of an event type. @see
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
 */
export const EVENT_TYPE_MAX_LENGTH = 128;

/**
 * Characters of an SQS `MessageGroupId`, hence of a group. @see
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
export const GROUP_MAX_LENGTH = 128;

/** Characters of a `MessageGroupId` in SQS: ASCII letters, digits and punctuation, without spaces. */
export const GROUP_PATTERN = /^[!-~]+$/;

/**
 * Actions of one TransactWriteItems. @see
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
 */
export const TRANSACTION_MAX_ACTIONS = 100;

/**
 * Bytes of all items of one TransactWriteItems. @see
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
 */
export const TRANSACTION_MAX_BYTES = 4 * 1024 * 1024;

/**
 * Bytes of one DynamoDB item, names and values. @see
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
 */
export const ITEM_MAX_BYTES = 400 * 1024;

/**
 * Puts and deletes of one BatchWriteItem. @see
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
 */
export const BATCH_WRITE_MAX_REQUESTS = 25;

/**
 * Keys of one BatchGetItem. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
 */
export const BATCH_GET_MAX_KEYS = 100;

/**
 * Maximum hops of an event, after which publishing is refused. Lambda's loop detection does not cover loops through
 * DynamoDB and EventBridge. Twice Lambda's limit of 16, because a saga's step takes two hops.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */
export const DEFAULT_MAX_HOPS = 32;

/**
 * The Scheduler has a precision of one minute. @see
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export const SHORTEST_TIMER_SECONDS = 60;

/** Digits of the zero-padded `sequence`: as many as the largest safe integer has. */
export const SEQUENCE_DIGITS = 16;
