import type { ErrorPayload } from './worker/protocol.ts';

export interface InvokeResult {
  /** 200, also when the handler failed: then `functionError` is set. */
  readonly statusCode: number;
  /** JSON text: what the handler returned, or `{errorType, errorMessage, trace}`. */
  readonly payload: string;
  readonly functionError?: 'Unhandled' | 'Handled';
  /** `$LATEST` or the number of a published version. */
  readonly executedVersion: string;
  readonly requestId: string;
  /** What the function wrote during this invocation, at most its last 4 KB. */
  readonly logTail: string;
}

/** Payload limit of a synchronous invocation, and of its response. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

export const timedOut = (requestId: string, timeoutSeconds: number): ErrorPayload => ({
  errorType: 'Sandbox.Timedout',
  errorMessage: `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
});

/** @param reason how the process ended, as Lambda puts it: `exit status 1`, `signal: killed`; undefined for status 0. */
export const exited = (requestId: string, reason: string | undefined): ErrorPayload => ({
  errorType: 'Runtime.ExitError',
  errorMessage:
    reason === undefined
      ? `RequestId: ${requestId} Error: Runtime exited without providing a reason`
      : `RequestId: ${requestId} Error: Runtime exited with error: ${reason}`,
});

export const outOfMemory = (requestId: string): ErrorPayload => ({
  errorType: 'Runtime.OutOfMemory',
  errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`,
});

export const responseTooLarge = (): ErrorPayload => ({
  errorType: 'Function.ResponseSizeTooLarge',
  errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_PAYLOAD_BYTES} bytes).`,
});
