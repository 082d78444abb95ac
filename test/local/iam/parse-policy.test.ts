import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../../local/iam/parse-policy.ts';
import type { PolicyKind } from '../../../local/iam/policy.ts';

/** A policy variable that no request of a run has. */
const USER_NAME = `\${${'aws:username'}}`;

const GRANT = { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: '*' };

const parse = (statement: object, kind: PolicyKind = 'identity') =>
  parsePolicy({ name: 'BillingPolicy', document: { Version: '2012-10-17', Statement: [GRANT, statement] } }, kind);

const refusing = (...problems: readonly string[]) =>
  expect.objectContaining({
    code: 'LOCAL_POLICY_REFUSED',
    policyName: 'BillingPolicy',
    problems: problems.map((problem) => expect.stringContaining(problem)),
  });

describe('a policy', () => {
  it('may have one statement without a list', () => {
    expect(parsePolicy({ name: 'p', document: { Statement: GRANT } }, 'identity').statements).toHaveLength(1);
  });

  it.each([
    [{ DateLessThan: { 'aws:CurrentTime': '2030-01-01' } }, "condition operator 'DateLessThan' is none"],
    [
      { StringEqual: { 'aws:SourceArn': 'x' } },
      "condition operator 'StringEqual' is none that the local run has; it has Arn",
    ],
    [{ 'ForSomeValues:StringLike': { 'dynamodb:LeadingKeys': 'x' } }, "operator 'ForSomeValues:StringLike'"],
    [{ NullIfExists: { 'aws:SourceArn': 'true' } }, "operator 'NullIfExists'"],
    [{ StringEquals: { 'aws:RequestTag/team': 'x' } }, "condition key 'aws:RequestTag/team' is none"],
    [{ StringEquals: { 'dynamodb:LeadingKeys': 'x' } }, 'which has many values: write ForAllValues: or ForAnyValue:'],
    [{ StringLike: { 'aws:SourceArn': `${USER_NAME}*` } }, "condition key 'aws:username' is none"],
  ])('is refused by name for the condition %o', (Condition, problem) => {
    expect(() => parse({ ...GRANT, Condition })).toThrow(refusing(problem));
  });

  it('is refused with its name and the number of the statement', () => {
    expect(() => parse({ ...GRANT, Condition: { Foo: { 'aws:SourceArn': 'x' } } })).toThrow(
      /^policy 'BillingPolicy' cannot be enforced locally: statement 1: condition operator 'Foo' is none/,
    );
  });

  it.each([
    [{ ...GRANT, Effect: 'allow' }, 'Effect is "allow"'],
    [{ Effect: 'Allow', Resource: '*' }, 'either Action or NotAction'],
    [{ ...GRANT, NotAction: 'sqs:*' }, 'either Action or NotAction'],
    [{ Effect: 'Allow', Action: '*' }, 'either Resource or NotResource'],
    [{ ...GRANT, Action: 'GetItem' }, "action 'GetItem' is none"],
    [{ ...GRANT, Resource: 'table/Orders' }, "resource 'table/Orders' is none"],
    [{ ...GRANT, Resource: `arn:aws:s3:::${USER_NAME}` }, "condition key 'aws:username'"],
    [{ ...GRANT, Principal: '*' }, 'has a principal'],
    [{ ...GRANT, Resources: '*' }, 'has Resources; allowed are'],
    [{ ...GRANT, Condition: [] }, 'Condition is no object'],
  ])('is refused when it says %o', (statement, problem) => {
    expect(() => parse(statement)).toThrow(refusing(problem));
  });

  it('is refused with all of its problems at once', () => {
    const statement = { Effect: 'Permit', Action: 'x', Resource: 'y' };

    expect(() => parse(statement)).toThrow(refusing('Effect is', "action 'x'", "resource 'y'"));
  });

  it('may use unknown condition keys for services that the run does not have', () => {
    const statement = { ...GRANT, Action: 'kms:Decrypt', Condition: { StringEquals: { 'kms:ViaService': 'x' } } };

    expect(() => parse(statement)).not.toThrow();
  });
});

describe('the policy of a resource', () => {
  it.each([
    [{ ...GRANT }, 'either Principal or NotPrincipal'],
    [{ ...GRANT, Principal: 'me' }, 'Principal is "me"'],
    [{ ...GRANT, Principal: { User: 'me' } }, 'Principal names User; allowed are AWS, Service'],
  ])('is refused when it says %o', (statement, problem) => {
    const document = { Statement: [{ ...GRANT, Principal: '*' }, statement] };

    expect(() => parsePolicy({ name: 'BillingPolicy', document }, 'resource')).toThrow(refusing(problem));
  });

  it('names no resource if it is the trust policy of a role', () => {
    const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } };

    expect(() => parsePolicy({ name: 'trust', document: { Statement: [statement] } }, 'trust')).not.toThrow();
  });
});
