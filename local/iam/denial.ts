import { AwsError, type AwsErrorOptions } from '../endpoint/aws-error.ts';
import type { Decision } from './evaluate.ts';
import type { Need } from './needs/need.ts';
import { type Principal, principalName } from './principal.ts';

export type Denied = Exclude<Decision, { readonly kind: 'allowed' }>;

interface Dialect {
  readonly code: string;
  readonly options: AwsErrorOptions;
}

/** Of DynamoDB, its streams, EventBridge and Systems Manager. */
const JSON_DIALECT: Dialect = { code: 'AccessDeniedException', options: {} };

/** Of services that speak REST. */
const REST_DIALECT: Dialect = { code: 'AccessDeniedException', options: { statusCode: 403 } };

/** By the service of the action. */
const DIALECTS: Readonly<Record<string, Dialect>> = {
  iam: REST_DIALECT,
  lambda: REST_DIALECT,
  s3: { code: 'AccessDenied', options: { statusCode: 403 } },
  scheduler: REST_DIALECT,
  sqs: { code: 'AccessDeniedException', options: { statusCode: 403, queryCode: 'AccessDenied' } },
};

/** The refusal as the service of the action words it. */
export function denialOf(principal: Principal, need: Need, denied: Denied): AwsError {
  const [service = ''] = need.action.split(':');
  const { code, options } = DIALECTS[service] ?? JSON_DIALECT;
  return new AwsError(code, denialMessage(principal, need, denied), options);
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
export function denialMessage(principal: Principal, need: Need, denied: Denied): string {
  // SQS is seen to name actions in lower case
  const action = need.action.startsWith('sqs:') ? need.action.toLowerCase() : need.action;
  const refused = `User: ${principalName(principal)} is not authorized to perform: ${action} on resource: ${need.resource}`;
  if (denied.kind === 'explicitly-denied') {
    const policy = denied.by.side === 'identity' ? 'an identity-based policy' : 'a resource-based policy';
    return `${refused} with an explicit deny in ${policy}`;
  }
  const side = principal.kind === 'service' ? 'resource-based' : 'identity-based';
  return `${refused} because no ${side} policy allows the ${action} action`;
}
