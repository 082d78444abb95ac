import { describe, expect, it } from 'vitest';
import type { Caller } from '../../../local/endpoint/service.ts';
import { createPermissions } from '../../../local/iam/permissions.ts';
import type { LogLevel } from '../../../local/log.ts';
import { ACCOUNT, QUEUE, REGION, RULE, TABLE } from './decide.ts';
import { billingFunction, other, policy, ROLE_ARN, resourcePolicy, role } from './resources.ts';

const FUNCTION: Caller = { kind: 'role', roleArn: ROLE_ARN, sessionName: 'billing-function' };
const BUS: Caller = { kind: 'service', principal: 'events.amazonaws.com', sourceArn: RULE };

const PUT = { action: 'dynamodb:PutItem', resource: TABLE };
const SEND = { action: 'sqs:SendMessage', resource: QUEUE };
const ALLOW_PUT = { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: TABLE };

function setUp(...resources: readonly ReturnType<typeof other>[]) {
  const lines: string[] = [];
  const log = (level: LogLevel, source: string, message: string) => void lines.push(`${level} ${source} ${message}`);
  const permissions = createPermissions({ log, region: REGION, accountId: ACCOUNT });
  for (const [resource, detail] of resources) permissions.learn(resource, detail);
  return { permissions, lines };
}

describe('the permissions of a run', () => {
  it("let the run's own user do everything that no resource's policy denies, without a record", () => {
    const denySend = { Effect: 'Deny', Action: 'sqs:SendMessage', Resource: QUEUE, Principal: '*' };
    const { permissions, lines } = setUp(resourcePolicy(QUEUE, denySend));

    permissions.authorize({ kind: 'user' }, [PUT, { ...SEND, action: 'sqs:ReceiveMessage' }]);

    expect(permissions.granted()).toStrictEqual([]);
    expect(() => permissions.authorize({ kind: 'user' }, [SEND])).toThrow(
      `User: arn:aws:iam::${ACCOUNT}:user/local-run is not authorized to perform: sqs:sendmessage on resource: ${QUEUE} with an explicit deny in a resource-based policy`,
    );
    expect(lines).toStrictEqual([
      expect.stringMatching(
        /^error iam arn:aws:iam::\d{12}:user\/local-run may not sqs:SendMessage on .*: statement 0 of policy .* denies it$/,
      ),
    ]);
  });

  it.each([
    ['an attached policy', [role(), policy(ALLOW_PUT)]],
    ['a policy that is attached before its role', [policy(ALLOW_PUT), role()]],
    ['an inline policy', [role({ inline: [ALLOW_PUT] })]],
  ])('come from %s', (_name, resources) => {
    const { permissions } = setUp(...resources);

    expect(() => permissions.authorize(FUNCTION, [PUT])).not.toThrow();
  });

  it("come from the role's managed policies, the template's and those of AWS that the run knows", () => {
    const arn = `arn:aws:iam::${ACCOUNT}:policy/shared`;
    const [resource] = other('AWS::IAM::ManagedPolicy', 'Shop/Shared/Resource', arn);
    const queueRole = 'arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole';
    const { permissions } = setUp(role({ managedPolicyArns: [arn, queueRole] }), [
      resource,
      { kind: 'policy', name: 'shared', roleNames: [], document: { Statement: [ALLOW_PUT] } },
    ]);

    permissions.authorize(FUNCTION, [PUT, { ...SEND, action: 'sqs:ReceiveMessage' }]);

    expect(permissions.granted().map(({ allowedBy }) => allowedBy.policyName)).toStrictEqual([
      'shared',
      'service-role/AWSLambdaSQSQueueExecutionRole',
    ]);
  });

  it('are in force as soon as their policy is created, and not before', () => {
    const { permissions } = setUp(role());
    const put = () => permissions.authorize(FUNCTION, [PUT]);

    expect(put).toThrow('not authorized');
    permissions.learn(...policy(ALLOW_PUT));
    expect(put).not.toThrow();
  });

  it.each([
    ['a rule', BUS, SEND, other('AWS::Events::Rule', 'Shop/Rule', RULE)],
    ['a role', FUNCTION, PUT, role()],
    ['a function', FUNCTION, PUT, billingFunction()],
  ])(
    'of %s that an update has deleted no longer exist, and no grant is missing',
    (_name, caller, need, [resource, detail]) => {
      const { permissions, lines } = setUp([resource, detail]);
      const attempt = () => permissions.authorize(caller, [need]);

      permissions.forget(resource);

      expect(attempt).toThrow('not authorized');
      expect({ refusals: permissions.refusals(), lines }).toStrictEqual({ refusals: [], lines: [] });
      permissions.learn(resource, detail);
      expect(attempt).toThrow('not authorized');
      expect(permissions.refusals()).toHaveLength(1);
    },
  );

  it('of a role do not apply to another role', () => {
    const { permissions } = setUp(role(), policy(ALLOW_PUT));

    expect(() => permissions.authorize({ kind: 'role', roleArn: `${ROLE_ARN}-2` }, [PUT])).toThrow('not authorized');
  });

  it.each([
    [QUEUE, SEND],
    [`http://127.0.0.1:4566/${ACCOUNT}/Billing`, SEND],
    ['arn:aws:s3:::bucket', { action: 's3:PutObject', resource: 'arn:aws:s3:::bucket/a/b' }],
    [
      `arn:aws:lambda:${REGION}:${ACCOUNT}:function:pay`,
      { action: 'lambda:InvokeFunction', resource: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:pay:live` },
    ],
  ])("come from the policy of the resource, named as '%s'", (named, need) => {
    const statement = { Effect: 'Allow', Action: '*', Resource: '*', Principal: { Service: 'events.amazonaws.com' } };
    const { permissions } = setUp(resourcePolicy(named, statement));

    expect(() => permissions.authorize(BUS, [need])).not.toThrow();
  });

  it('refuse a call that needs several grants if one is missing, and name that grant', () => {
    const { permissions } = setUp(role(), policy(ALLOW_PUT));

    expect(() => permissions.authorize(FUNCTION, [PUT, SEND])).toThrow(
      `User: arn:aws:sts::${ACCOUNT}:assumed-role/billing/billing-function is not authorized to perform: sqs:sendmessage on resource: ${QUEUE} because no identity-based policy allows the sqs:sendmessage action`,
    );
  });
});

describe('a refusal', () => {
  const onBucket = { action: 's3:PutObject', resource: 'arn:aws:s3:::bucket/key' };
  const invoke = { action: 'lambda:InvokeFunction', resource: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:pay` };

  it.each([
    [PUT, { code: 'AccessDeniedException', statusCode: 400 }],
    [
      { ...PUT, action: 'events:PutEvents' },
      { code: 'AccessDeniedException', statusCode: 400 },
    ],
    [SEND, { code: 'AccessDeniedException', statusCode: 403, queryCode: 'AccessDenied' }],
    [invoke, { code: 'AccessDeniedException', statusCode: 403 }],
    [onBucket, { code: 'AccessDenied', statusCode: 403 }],
    [
      { ...PUT, action: 'scheduler:CreateSchedule' },
      { code: 'AccessDeniedException', statusCode: 403 },
    ],
  ])('uses the error format of the service: $action', (need, expected) => {
    const { permissions } = setUp(role());

    expect(() => permissions.authorize(FUNCTION, [need])).toThrow(expect.objectContaining(expected));
  });

  it('says whether a statement denies it', () => {
    const deny = { ...ALLOW_PUT, Effect: 'Deny' };
    const { permissions, lines } = setUp(role(), policy(ALLOW_PUT, deny));

    expect(() => permissions.authorize(FUNCTION, [PUT])).toThrow(
      `on resource: ${TABLE} with an explicit deny in an identity-based policy`,
    );
    expect(lines).toStrictEqual([
      `error iam Shop/Billing/Role may not dynamodb:PutItem on ${TABLE}: statement 1 of policy DefaultPolicy denies it`,
    ]);
  });

  it('is counted and logged once, with the names of function and resource in the CDK code', () => {
    const { permissions, lines } = setUp(
      role(),
      billingFunction(),
      other('AWS::DynamoDB::Table', 'Shop/Orders/Resource', TABLE),
    );

    for (let time = 0; time < 3; time++) expect(() => permissions.authorize(FUNCTION, [PUT])).toThrow();

    expect(lines).toStrictEqual([
      'error iam Shop/Billing may not dynamodb:PutItem on Shop/Orders: the grant is missing; add it in the CDK code',
    ]);
    expect(permissions.refusals()).toMatchObject([
      { constructPath: 'Shop/Billing', action: 'dynamodb:PutItem', resource: TABLE, count: 3 },
    ]);
  });

  it.each([
    [
      'keys that it does not cover',
      { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['billing#*'] } },
      ['billing#1', 'orders#1', 'orders#2'],
      "dynamodb:LeadingKeys 'orders#1', 'orders#2' does not pass ForAllValues:StringLike 'billing#*'",
    ],
    [
      'more keys than a line should hold',
      { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': 'x' } },
      ['a', 'b', 'c', 'd'],
      "dynamodb:LeadingKeys 'a', 'b', 'c' and 1 more does not pass ForAllValues:StringEquals 'x'",
    ],
    [
      'a variable, as it is in this request',
      { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': `\${aws:PrincipalAccount}#*` } },
      ['acme#1'],
      "dynamodb:LeadingKeys 'acme#1' does not pass ForAnyValue:StringLike '000000000000#*'",
    ],
    [
      'a variable that the request has no value for',
      { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': `\${aws:PrincipalTag/tenant}#*` } },
      ['acme#1'],
      `dynamodb:LeadingKeys 'acme#1' does not pass ForAnyValue:StringLike '\${aws:PrincipalTag/tenant}#*'`,
    ],
    [
      'a key that is not there',
      { Null: { 'dynamodb:LeadingKeys': 'false' } },
      [],
      "dynamodb:LeadingKeys, which the request does not have, does not pass Null 'false'",
    ],
  ])('names the condition of a grant that does not hold: %s', (_name, Condition, keys, failure) => {
    const { permissions } = setUp(
      role(),
      billingFunction(),
      policy({ ...ALLOW_PUT, Resource: QUEUE }, { ...ALLOW_PUT, Condition }),
    );

    expect(() => permissions.authorize(FUNCTION, [{ ...PUT, keys: { 'dynamodb:leadingkeys': () => keys } }])).toThrow(
      // the service itself does not tell a condition from a missing grant
      'because no identity-based policy allows the dynamodb:PutItem action',
    );
    expect(permissions.refusals().map(({ summary }) => summary)).toStrictEqual([
      `Shop/Billing may not dynamodb:PutItem on ${TABLE}: statement 1 of policy DefaultPolicy grants it on a condition that does not hold: ${failure}; change the request, or the condition in the CDK code`,
    ]);
  });

  it('is explained by the nearest grant', () => {
    const far = { StringEquals: { 'dynamodb:Select': 'COUNT' }, Bool: { 'aws:SecureTransport': 'false' } };
    const near = { StringEquals: { 'dynamodb:Select': 'COUNT' } };
    const { permissions } = setUp(role(), policy({ ...ALLOW_PUT, Condition: far }, { ...ALLOW_PUT, Condition: near }));

    expect(() => permissions.authorize(FUNCTION, [PUT])).toThrow();

    expect(permissions.refusals().map(({ summary }) => summary)).toStrictEqual([
      expect.stringContaining(
        'statement 1 of policy DefaultPolicy grants it on a condition that does not hold: dynamodb:Select, which the request',
      ),
    ]);
  });

  it('is reported once to each listener', () => {
    const { permissions } = setUp(role(), billingFunction());
    const told: string[] = [];
    const stop = permissions.onRefusal(({ summary }) => void told.push(summary));

    for (let time = 0; time < 2; time++) expect(() => permissions.authorize(FUNCTION, [PUT])).toThrow();
    stop();
    expect(() => permissions.authorize(FUNCTION, [SEND])).toThrow();

    expect(told).toStrictEqual([
      `Shop/Billing may not dynamodb:PutItem on ${TABLE}: the grant is missing; add it in the CDK code`,
    ]);
  });

  it('of a service names the rule and the policy of the resource', () => {
    const { permissions, lines } = setUp(other('AWS::Events::Rule', 'Shop/Billing/Rule/Resource', RULE));

    expect(() => permissions.authorize(BUS, [SEND])).toThrow(
      `User: events.amazonaws.com is not authorized to perform: sqs:sendmessage on resource: ${QUEUE} because no resource-based policy allows`,
    );
    expect(lines).toStrictEqual([
      `error iam Shop/Billing/Rule may not sqs:SendMessage on ${QUEUE}: the resource's policy has no grant for events.amazonaws.com; add it in the CDK code`,
    ]);
  });

  it('of a role that is not in the templates says so', () => {
    const { permissions, lines } = setUp(billingFunction(`arn:aws:iam::${ACCOUNT}:role/imported`));
    const caller = permissions.functionCaller('billing-function') ?? FUNCTION;

    expect(() => permissions.authorize(caller, [PUT])).toThrow('assumed-role/imported/billing-function');
    expect(lines.join()).toContain('Shop/Billing may not dynamodb:PutItem');
    expect(lines.join()).toContain('the templates do not make its role');
  });
});

describe('the record of what was granted', () => {
  it('names the statement, counts its uses, and keeps the values that decided its conditions', () => {
    const Condition = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'billing#*' } };
    const { permissions } = setUp(role(), policy({ ...ALLOW_PUT, Resource: QUEUE }, { ...ALLOW_PUT, Condition }));
    const keys = ['billing#1'];
    const need = { ...PUT, keys: { 'dynamodb:leadingkeys': () => keys } };

    permissions.authorize(FUNCTION, [need]);
    permissions.authorize(FUNCTION, [need]);

    const [use, ...more] = permissions.granted();
    expect(more).toStrictEqual([]);
    expect(use).toMatchObject({
      count: 2,
      allowedBy: { side: 'identity', policyName: 'DefaultPolicy', statementIndex: 1, action: 'dynamodb:PutItem' },
    });
    expect(use?.request.context('dynamodb:leadingkeys')).toStrictEqual(['billing#1']);
    expect(use?.request.context('aws:securetransport')).toStrictEqual(['true']);
  });

  it('does not contain calls that the condition excludes', () => {
    const Condition = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': 'billing#*' } };
    const { permissions } = setUp(role(), policy({ ...ALLOW_PUT, Condition }));
    const need = { ...PUT, keys: { 'dynamodb:leadingkeys': () => ['billing#1', 'orders#1'] } };

    expect(() => permissions.authorize(FUNCTION, [need])).toThrow('not authorized');
    expect(permissions.granted()).toStrictEqual([]);
  });
});

describe('a policy that the run cannot evaluate', () => {
  it.each([
    ['an attached policy', policy({ ...ALLOW_PUT, Condition: { DateLessThan: { 'aws:CurrentTime': 'x' } } })],
    ['an inline policy', role({ inline: [{ ...ALLOW_PUT, Action: 'PutItem' }] })],
    ['the policy of a resource', resourcePolicy(QUEUE, ALLOW_PUT)],
    ['a policy of AWS', role({ managedPolicyArns: ['arn:aws:iam::aws:policy/PowerUserAccess'] })],
    ['who may assume a role', role({ trustPolicy: { Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole' }] } })],
  ])('is refused when it is created: %s', (_name, [resource, detail]) => {
    const { permissions } = setUp();

    expect(() => permissions.learn(resource, detail)).toThrow(
      expect.objectContaining({ code: 'LOCAL_POLICY_REFUSED' }),
    );
  });
});
