import { AwsError } from '../endpoint/aws-error.ts';

const PREFIX = 'AWS.SimpleQueueService';

/** Codes come in pairs: the JSON protocol's shape, and the older query protocol's code that SDKs and users know. */
const clientError = (code: string, queryCode: string, message: string, statusCode = 400) =>
  new AwsError(code, message, { queryCode, statusCode });

export const missingParameter = (name: string): AwsError =>
  clientError(
    'MissingRequiredParameterException',
    'MissingParameter',
    `The request must contain the parameter ${name}.`,
  );

export const invalidParameter = (message: string): AwsError =>
  clientError('InvalidParameterValueException', 'InvalidParameterValue', message);

export const invalidValue = (value: unknown, name: string, reason: string): AwsError =>
  invalidParameter(`Value ${value} for parameter ${name} is invalid. Reason: ${reason}`);

export const malformedInput = (message: string): AwsError =>
  clientError('SerializationException', 'MalformedInput', message);

export const invalidAttributeName = (message: string): AwsError =>
  clientError('InvalidAttributeName', 'InvalidAttributeName', message);

export const unknownAttribute = (name: string): AwsError => invalidAttributeName(`Unknown Attribute ${name}.`);

export const invalidAttributeValue = (name: string, reason?: string): AwsError =>
  clientError(
    'InvalidAttributeValue',
    'InvalidAttributeValue',
    `Invalid value for the parameter ${name}.${reason === undefined ? '' : ` Reason: ${reason}`}`,
  );

export const invalidMessageContents = (message: string): AwsError =>
  clientError('InvalidMessageContents', 'InvalidMessageContents', message);

export const queueDoesNotExist = (): AwsError =>
  clientError('QueueDoesNotExist', `${PREFIX}.NonExistentQueue`, 'The specified queue does not exist.');

export const queueNameExists = (attribute: string): AwsError =>
  clientError(
    'QueueNameExists',
    'QueueAlreadyExists',
    `A queue already exists with the same name and a different value for attribute ${attribute}`,
  );

export const queueDeletedRecently = (): AwsError =>
  clientError(
    'QueueDeletedRecently',
    `${PREFIX}.QueueDeletedRecently`,
    'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
  );

export const purgeInProgress = (queueName: string): AwsError =>
  clientError(
    'PurgeQueueInProgress',
    `${PREFIX}.PurgeQueueInProgress`,
    `Only one PurgeQueue operation on ${queueName} is allowed every 60 seconds.`,
    403,
  );

export const receiptHandleIsInvalid = (handle: string): AwsError =>
  clientError(
    'ReceiptHandleIsInvalid',
    'ReceiptHandleIsInvalid',
    `The input receipt handle "${handle}" is not a valid receipt handle.`,
    404,
  );

export const overLimit = (message: string): AwsError => clientError('OverLimit', 'OverLimit', message, 403);

export const rateExceeded = (): AwsError => clientError('ThrottlingException', 'ThrottlingException', 'Rate exceeded');

export const resourceNotFound = (message: string): AwsError =>
  clientError('ResourceNotFoundException', 'ResourceNotFoundException', message, 404);

export const unsupportedOperation = (message: string): AwsError =>
  clientError('UnsupportedOperation', `${PREFIX}.UnsupportedOperation`, message);

/** @param code `EmptyBatchRequest`, `TooManyEntriesInBatchRequest`, … */
export const invalidBatch = (code: string, message: string): AwsError =>
  clientError(code, `${PREFIX}.${code}`, message);

export const serviceClosed = (): AwsError =>
  new AwsError('ServiceUnavailable', 'the local run is stopping; SQS takes no more requests', { statusCode: 503 });
