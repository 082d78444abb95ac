import { type EpochMs, toTimestamp } from '../../lib/shared/time.ts';
import type { InvokeResult } from './invocation.ts';

/** How an asynchronous invocation came to its end. */
export interface AsyncEnding {
  readonly condition: 'EventAgeExceeded' | 'RetriesExhausted' | 'Success';
  readonly functionArn: string;
  readonly payload: string;
  /** Of the last attempt; undefined when there was none. */
  readonly result: InvokeResult | undefined;
  readonly attempts: number;
  readonly at: EpochMs;
}

/**
 * What a destination gets, as JSON.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export function describeEnding({ condition, functionArn, payload, result, attempts, at }: AsyncEnding): string {
  return JSON.stringify({
    version: '1.0',
    timestamp: toTimestamp(at),
    requestContext: {
      requestId: result?.requestId ?? '',
      functionArn,
      condition,
      approximateInvokeCount: attempts,
    },
    requestPayload: JSON.parse(payload),
    ...(result === undefined
      ? {}
      : {
          responseContext: {
            statusCode: result.statusCode,
            executedVersion: result.executedVersion,
            ...(result.functionError === undefined ? {} : { functionError: result.functionError }),
          },
          responsePayload: JSON.parse(result.payload),
        }),
  });
}
