import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';

type Answers = readonly [() => AwsError, ...(() => AwsError)[]];

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html */
const DYNAMODB: Answers = [
  () =>
    new AwsError(
      'ProvisionedThroughputExceededException',
      'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
    ),
  () => new AwsError('ThrottlingException', 'Rate of requests exceeds the allowed throughput.'),
];

const SQS: Answers = [
  () =>
    new AwsError('RequestThrottled', 'The request was denied due to request throttling.', {
      queryCode: 'RequestThrottled',
    }),
];

/** The most messages in flight of a FIFO queue. */
const RECEIVE: Answers = [
  ...SQS,
  () =>
    new AwsError('OverLimit', 'Too many messages are in flight for this queue.', {
      queryCode: 'OverLimit',
      statusCode: 403,
    }),
];

/** Of EventBridge and Systems Manager. */
const RATE: Answers = [() => new AwsError('ThrottlingException', 'Rate exceeded')];

const LAMBDA: Answers = [
  () =>
    new AwsError('TooManyRequestsException', 'Rate Exceeded.', {
      statusCode: 429,
      fields: { Reason: 'CallerRateLimitExceeded', Type: 'User' },
    }),
];

const THROTTLES = /^(dynamodb|sqs|events|ssm):|^lambda:Invoke$/;

/** Whether it is known how the operation's service throttles. */
export const canThrottle = (operation: string): boolean => THROTTLES.test(operation);

/** What a throttled call is answered with: one of its service's errors. */
export function throttlingOf(operation: string, input: JsonObject, choose: (count: number) => number): AwsError {
  const answers = answersOf(operation, input, choose);
  const answer = answers[choose(answers.length)] ?? answers[0];
  return answer();
}

function answersOf(operation: string, input: JsonObject, choose: (count: number) => number): Answers {
  const [service] = operation.split(':');
  if (operation === 'dynamodb:TransactWriteItems') {
    const actions = Array.isArray(input['TransactItems']) ? input['TransactItems'].length : 1;
    const cancelled = (code: string, message: string) => () => cancelledAt(choose(actions), actions, code, message);
    return [
      cancelled('TransactionConflict', 'Transaction is ongoing for the item'),
      cancelled('ThrottlingError', 'Throughput exceeds the current capacity of your table or index.'),
      ...DYNAMODB,
    ];
  }
  if (operation === 'sqs:ReceiveMessage') return RECEIVE;
  if (service === 'dynamodb') return DYNAMODB;
  if (service === 'sqs') return SQS;
  if (service === 'events' || service === 'ssm') return RATE;
  return LAMBDA;
}

/** One action of a transaction is the reason for its end. */
function cancelledAt(place: number, actions: number, code: string, message: string): AwsError {
  const reasons = Array.from({ length: actions }, (_, index) =>
    index === place ? { Code: code, Message: message } : { Code: 'None' },
  );
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return new AwsError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { fields: { CancellationReasons: reasons } },
  );
}
