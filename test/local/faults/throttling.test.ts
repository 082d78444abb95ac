import { describe, expect, it } from 'vitest';
import { canThrottle, throttlingOf } from '../../../local/faults/throttling.ts';

const pickFirst = () => 0;
const pickLast = (count: number) => count - 1;

describe('a throttled call', () => {
  it.each([
    ['dynamodb:PutItem', 'ProvisionedThroughputExceededException', 'ThrottlingException', 400],
    ['sqs:SendMessage', 'RequestThrottled', 'RequestThrottled', 400],
    ['sqs:ReceiveMessage', 'RequestThrottled', 'OverLimit', 403],
    ['events:PutEvents', 'ThrottlingException', 'ThrottlingException', 400],
    ['ssm:GetParameter', 'ThrottlingException', 'ThrottlingException', 400],
    ['lambda:Invoke', 'TooManyRequestsException', 'TooManyRequestsException', 429],
  ])('gets an error of its service: %s', (operation, first, last, lastStatus) => {
    expect(throttlingOf(operation, {}, pickFirst).code).toBe(first);
    expect(throttlingOf(operation, {}, pickLast)).toMatchObject({ code: last, statusCode: lastStatus });
  });

  it('cancels a transaction with a reason for one action only', () => {
    const input = { TransactItems: [{}, {}, {}] };

    const conflict = throttlingOf('dynamodb:TransactWriteItems', input, (count) => (count === 3 ? 1 : 0));

    expect(conflict).toMatchObject({
      code: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, TransactionConflict, None]',
      fields: { CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }, { Code: 'None' }] },
    });
  });

  it('does not occur for a service if the run does not know its throttling error', () => {
    expect(canThrottle('s3:PutObject')).toBe(false);
    expect(canThrottle('lambda:GET /2015-03-31/functions')).toBe(false);
  });
});
