import { AwsError } from '../endpoint/aws-error.ts';

/** The `ERROR_CODE`s of dead letters. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
export type DeadLetterCode =
  | 'ERROR_FROM_TARGET'
  | 'INTERNAL_ERROR'
  | 'INVALID_JSON'
  | 'INVALID_PARAMETER'
  | 'NO_PERMISSIONS'
  | 'NO_RESOURCE'
  | 'THIRD_ACCOUNT_HOP_DETECTED'
  | 'THROTTLING';

export interface DeliveryFailure {
  readonly code: DeadLetterCode;
  readonly message: string;
  /** Trying again may help. */
  readonly retryable: boolean;
}

/** A delivery that cannot even be tried: its input or group cannot be made from the event. */
export class UndeliverableError extends Error {
  readonly code: DeadLetterCode;

  constructor(code: DeadLetterCode, message: string) {
    super(message);
    this.code = code;
  }
}

const NO_RESOURCE = new Set([
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
  'ResourceNotFoundException',
  'NotFound',
]);
const NO_PERMISSIONS = new Set(['AccessDenied', 'AccessDeniedException', 'KmsAccessDenied']);
const THROTTLING = new Set([
  'RequestThrottled',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'LimitExceededException',
]);

/** What a target's answer means: only throttling and faults of the other side are worth another try. */
export function classifyFailure(error: unknown): DeliveryFailure {
  if (error instanceof UndeliverableError) return { code: error.code, message: error.message, retryable: false };
  if (!(error instanceof AwsError)) return { code: 'INTERNAL_ERROR', message: String(error), retryable: true };
  const message = `${error.code}: ${error.message}`;
  if (THROTTLING.has(error.code) || error.statusCode === 429) return { code: 'THROTTLING', message, retryable: true };
  if (error.statusCode >= 500) return { code: 'ERROR_FROM_TARGET', message, retryable: true };
  if (NO_RESOURCE.has(error.code)) return { code: 'NO_RESOURCE', message, retryable: false };
  if (NO_PERMISSIONS.has(error.code)) return { code: 'NO_PERMISSIONS', message, retryable: false };
  return { code: 'INVALID_PARAMETER', message, retryable: false };
}
