import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PermanentError } from '../../../lib/consumer/index.ts';
import { SagaTimersUnavailableError } from '../../../lib/saga/index.ts';
import { isTransient } from '../../../lib/shared/transient.ts';
import { sdkError } from '../../fixtures/sdk-error.ts';
import { ODDLY_THROWN } from '../../fixtures/thrown.ts';

const cancelled = (...codes: string[]) =>
  sdkError('TransactionCanceledException', { CancellationReasons: codes.map((Code) => ({ Code })) });
const noAnswer = (code: string) =>
  Object.assign(new Error('no answer'), { code, $metadata: { attempts: 3, totalRetryDelay: 100 } });

describe('a transient error', () => {
  it.each<[string, unknown]>([
    ['throughput of a table', sdkError('ProvisionedThroughputExceededException')],
    ['the rate of requests', sdkError('ThrottlingException')],
    ['the account’s requests', sdkError('RequestLimitExceeded')],
    ['a queue’s rate', sdkError('RequestThrottled')],
    ['a function’s concurrency', sdkError('TooManyRequestsException', { $metadata: { httpStatusCode: 429 } })],
    ['a conflict with a transaction', sdkError('TransactionConflictException')],
    ['the same transaction under way', sdkError('TransactionInProgressException')],
    ['a transaction that was throttled', cancelled('None', 'ThrottlingError')],
    ['a transaction that met another', cancelled('TransactionConflict', 'None', 'ProvisionedThroughputExceeded')],
    [
      'a fault of the service',
      sdkError('InternalServerError', { $fault: 'server', $metadata: { httpStatusCode: 500 } }),
    ],
    ['a service that is away', sdkError('AnyName', { $metadata: { httpStatusCode: 503 } })],
    ['what the service’s model calls retryable', sdkError('AnyName', { $retryable: {} })],
    ['a refused connection', noAnswer('ECONNREFUSED')],
    ['a name that is not resolved', noAnswer('ENOTFOUND')],
    ['a request without an answer', Object.assign(noAnswer(''), { name: 'TimeoutError' })],
    ['one that another error wraps', new Error('cannot charge', { cause: sdkError('ThrottlingException') })],
    [
      'one that is wrapped twice',
      new Error('a', { cause: new Error('b', { cause: sdkError('InternalServerError', { $fault: 'server' }) }) }),
    ],
    ['one that an error of ours wraps, which can be retried', new SagaTimersUnavailableError(noAnswer('ECONNRESET'))],
  ])('is %s', (_, error) => {
    expect(isTransient(error)).toBe(true);
  });

  it.each<[string, unknown]>([
    ['a missing right', sdkError('AccessDeniedException')],
    ['a request that is refused as it is', sdkError('ValidationException')],
    ['a table that there is not', sdkError('ResourceNotFoundException')],
    ['a condition that does not hold', sdkError('ConditionalCheckFailedException')],
    ['a quota', sdkError('ServiceQuotaExceededException', { $metadata: { httpStatusCode: 402 } })],
    ['expired credentials', sdkError('ExpiredTokenException')],
    ['a transaction whose condition does not hold', cancelled('ConditionalCheckFailed', 'TransactionConflict')],
    ['a transaction that was cancelled for nothing', cancelled('None')],
    ['a call that was aborted', Object.assign(noAnswer('ABORT_ERR'), { name: 'AbortError' })],
    ['a network error of another client', Object.assign(new Error('fetch failed'), { code: 'ECONNREFUSED' })],
    ['a time-out of another client', new DOMException('timed out', 'TimeoutError')],
    ['an error of the code', new TypeError('x is not a function')],
    [
      'a throttled call that the code calls final',
      new PermanentError('no', { cause: sdkError('ThrottlingException') }),
    ],
    ['one that a refused request wraps', sdkError('ValidationException', { cause: sdkError('ThrottlingException') })],
  ])('is not %s', (_, error) => {
    expect(isTransient(error)).toBe(false);
  });

  it('is not an invalid value or a cycle of causes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(ODDLY_THROWN)), (thrown) => {
        expect(isTransient(thrown())).toBe(false);
      }),
    );
  });
});
