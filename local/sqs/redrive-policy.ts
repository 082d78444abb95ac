import { invalidValue } from './errors.ts';

/** When and where a queue's messages become dead letters. */
export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** Which queues may name this one as their dead-letter queue. */
export type RedriveAllowPolicy =
  | { readonly redrivePermission: 'allowAll' | 'denyAll' }
  | { readonly redrivePermission: 'byQueue'; readonly sourceQueueArns: readonly string[] };

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const MAX_MAX_RECEIVE_COUNT = 1000;
const MAX_SOURCE_QUEUES = 10;

/** @throws AwsError `InvalidParameterValue` naming what is wrong in the policy. */
export function parseRedrivePolicy(text: string): RedrivePolicy {
  const refuse = (reason: string) => invalidValue(text, 'RedrivePolicy', reason);
  const policy = parseMap(text);
  if (policy === undefined) throw refuse('Redrive policy is not a valid JSON map.');
  for (const name of ['maxReceiveCount', 'deadLetterTargetArn'] as const) {
    if (policy[name] === undefined) throw refuse(`Redrive policy does not contain mandatory attribute: ${name}.`);
  }
  const { deadLetterTargetArn, maxReceiveCount } = policy;
  if (typeof deadLetterTargetArn !== 'string' || !/^arn:[^:]+:sqs:[^:]+:\d+:[^:]+$/.test(deadLetterTargetArn)) {
    throw refuse('Invalid value for deadLetterTargetArn.');
  }
  const count = Number(maxReceiveCount);
  if (!Number.isInteger(count) || count < 1 || count > MAX_MAX_RECEIVE_COUNT) {
    throw refuse(
      `Invalid value for maxReceiveCount: ${maxReceiveCount}, valid values are from 1 to ${MAX_MAX_RECEIVE_COUNT} both inclusive.`,
    );
  }
  return { deadLetterTargetArn, maxReceiveCount: count };
}

/** @throws AwsError `InvalidParameterValue` naming what is wrong in the policy. */
export function parseRedriveAllowPolicy(text: string): RedriveAllowPolicy {
  const cannotCreate = (reason: string) =>
    invalidValue(text, 'RedriveAllowPolicy', `Amazon SQS can't create the redrive allow policy. ${reason}`);
  const { redrivePermission = 'allowAll', sourceQueueArns } = parseMap(text) ?? { redrivePermission: undefined };
  if (redrivePermission === 'allowAll' || redrivePermission === 'denyAll') {
    if (sourceQueueArns === undefined) return { redrivePermission };
    throw cannotCreate('To specify one or more source queue ARNs, you must set redrivePermission to byQueue.');
  }
  if (redrivePermission !== 'byQueue') {
    throw cannotCreate('redrivePermission must be one of allowAll, denyAll and byQueue in a valid JSON map.');
  }
  if (!isListOfStrings(sourceQueueArns) || sourceQueueArns.length === 0) {
    throw cannotCreate(
      'When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values.',
    );
  }
  if (sourceQueueArns.length > MAX_SOURCE_QUEUES) {
    throw cannotCreate(`You can specify up to ${MAX_SOURCE_QUEUES} source queue ARNs; got ${sourceQueueArns.length}.`);
  }
  return { redrivePermission, sourceQueueArns };
}

export function allowsSource(policy: RedriveAllowPolicy | undefined, sourceArn: string): boolean {
  switch (policy?.redrivePermission) {
    case undefined:
    case 'allowAll':
      return true;
    case 'denyAll':
      return false;
    case 'byQueue':
      return policy.sourceQueueArns.includes(sourceArn);
  }
}

const isListOfStrings = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

function parseMap(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
