import { AwsError } from '../endpoint/aws-error.ts';
import type { Decision } from './evaluate.ts';
import type { Need } from './needs/need.ts';
import { type Principal, principalName } from './principal.ts';

/** How a service words its refusals. */
export type Denial = (message: (action: string) => string, action: string) => AwsError;

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
export function denialMessage(
  principal: Principal,
  resource: string,
  decision: Exclude<Decision, { kind: 'allowed' }>,
  action: string,
): string {
  const refused = `User: ${principalName(principal)} is not authorized to perform: ${action} on resource: ${resource}`;
  if (decision.kind === 'explicitly-denied') {
    const article = decision.by.side === 'identity' ? 'an identity-based' : 'a resource-based';
    return `${refused} with an explicit deny in ${article} policy`;
  }
  const side = principal.kind === 'role' ? 'identity-based' : 'resource-based';
  return `${refused} because no ${side} policy allows the ${action} action`;
}

/** DynamoDB, DynamoDB Streams and EventBridge: 400. */
export const jsonDenial: Denial = (message, action) => new AwsError('AccessDeniedException', message(action));

/** SQS names actions in lower case, and answers in both of its dialects. */
export const sqsDenial: Denial = (message, action) =>
  new AwsError('AccessDeniedException', message(action.toLowerCase()), { statusCode: 403, queryCode: 'AccessDenied' });

export const lambdaDenial: Denial = (message, action) =>
  new AwsError('AccessDeniedException', message(action), { statusCode: 403 });

export const s3Denial: Denial = (message, action) => new AwsError('AccessDenied', message(action), { statusCode: 403 });

/** By the service of the action. */
export function denialOf({ action }: Need): Denial {
  const [service = ''] = action.split(':');
  return { sqs: sqsDenial, lambda: lambdaDenial, s3: s3Denial }[service] ?? jsonDenial;
}
