import { type Decision, evaluate } from '../../../local/iam/evaluate.ts';
import { parsePolicy } from '../../../local/iam/parse-policy.ts';
import { contextOf, type Principal } from '../../../local/iam/principal.ts';

export const ACCOUNT = '000000000000';
export const REGION = 'eu-west-1';
export const TABLE = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/Orders`;
export const QUEUE = `arn:aws:sqs:${REGION}:${ACCOUNT}:Billing`;
export const RULE = `arn:aws:events:${REGION}:${ACCOUNT}:rule/bus/billing`;

export const ROLE: Extract<Principal, { readonly kind: 'role' }> = {
  kind: 'role',
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/billing/billing-function`,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/billing`,
  accountId: ACCOUNT,
};

export const BUS: Principal = { kind: 'service', name: 'events.amazonaws.com', sourceArn: RULE };

interface Question {
  readonly principal?: Principal;
  readonly action?: string;
  readonly resource?: string;
  readonly keys?: Readonly<Record<string, readonly string[]>>;
  readonly identity?: readonly object[];
  readonly resourcePolicy?: readonly object[];
}

/** Asks IAM about one request; the statements stand in policies named `identity` and `resource`. */
export function decide(question: Question): Decision {
  const { principal = ROLE, action = 'dynamodb:PutItem', resource = TABLE, keys = {} } = question;
  const context = contextOf(principal, REGION);
  return evaluate(
    { principal, action, resource, context: (key) => keys[key] ?? context(key) },
    {
      identity: [parsePolicy({ name: 'identity', document: { Statement: question.identity ?? [] } }, 'identity')],
      resource: [parsePolicy({ name: 'resource', document: { Statement: question.resourcePolicy ?? [] } }, 'resource')],
    },
  );
}

export const isAllowed = (question: Question): boolean => decide(question).kind === 'allowed';

/** An Allow of PutItem on the table, under a condition. */
export const isAllowedIf = (condition: object, keys: Readonly<Record<string, readonly string[]>> = {}): boolean =>
  isAllowed({
    keys,
    identity: [{ Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: TABLE, Condition: condition }],
  });
