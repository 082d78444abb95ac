import { ownMember } from '../lib/definitions/index.ts';
import { describeThrown, memberOf } from '../lib/shared/thrown.ts';

const RIGHTS = 'waybill iam COMMAND prints the policy that the command needs';

/** Advice about the SDK's most frequent errors. */
const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers at the endpoint: is the local run up, and AWS_ENDPOINT_URL the one that it printed?',
  ENOTFOUND: 'for a local run paste the export lines that it printed, AWS_ENDPOINT_URL among them',
  CredentialsProviderError: 'set AWS_PROFILE, or sign in; for a local run paste the export lines that it printed',
  ExpiredTokenException: 'sign in again',
  AccessDeniedException: RIGHTS,
  // the name of the error in SQS
  AccessDenied: RIGHTS,
  QueueDoesNotExist:
    'a queue that the deployed functions name was deleted, or --from names none: deploy the stacks again, or correct --from',
};

const REGION_ADVICE = 'set AWS_REGION; for a local run paste the export lines that it printed';

/** Describes an error in one line for the operator. */
export function describeError(error: unknown): string {
  const { code, name, message: told } = describeThrown(error);
  if (code === 'TENANT_MISSING') return 'this deployment requires a tenant: name it with --tenant ID';
  const own = memberOf(error, 'message');
  const message = typeof own === 'string' && own !== '' ? own : told;
  const advice = /region is missing/i.test(message)
    ? REGION_ADVICE
    : (ownMember(ADVICE, code) ?? ownMember(ADVICE, name));
  return advice === undefined ? message : `${message.replace(/\.$/, '')}: ${advice}`;
}
