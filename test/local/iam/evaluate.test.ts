import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUS, decide, isAllowed, QUEUE, ROLE, RULE, TABLE } from './decide.ts';

const allowPut = { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: TABLE };

describe('a request', () => {
  it('is refused when no statement allows it', () => {
    expect(decide({})).toStrictEqual({ kind: 'not-allowed' });
    expect(decide({ action: 'dynamodb:GetItem', identity: [allowPut] })).toStrictEqual({ kind: 'not-allowed' });
    expect(decide({ resource: `${TABLE}2`, identity: [allowPut] })).toStrictEqual({ kind: 'not-allowed' });
  });

  it('is allowed by the first statement that covers it', () => {
    const identity = [
      { Effect: 'Allow', Action: ['sqs:*'], Resource: '*' },
      { Effect: 'Allow', Action: ['dynamodb:Get*', 'dynamodb:Put*'], Resource: [QUEUE, TABLE] },
      allowPut,
    ];

    expect(decide({ identity })).toStrictEqual({
      kind: 'allowed',
      by: { side: 'identity', policyName: 'identity', statementIndex: 1, action: 'dynamodb:Put*' },
    });
  });

  it('is refused by a deny in any position', () => {
    const deny = { ...allowPut, Effect: 'Deny' };

    expect(decide({ identity: [allowPut, deny] })).toMatchObject({ kind: 'explicitly-denied' });
    expect(decide({ identity: [allowPut], resourcePolicy: [{ ...deny, Principal: '*' }] })).toMatchObject({
      kind: 'explicitly-denied',
      by: { side: 'resource' },
    });
  });

  it('is covered by NotAction and NotResource when they do not name it', () => {
    const notGet = { Effect: 'Allow', NotAction: ['dynamodb:Get*', 'sqs:*'], Resource: '*' };
    const notQueue = { Effect: 'Allow', Action: '*', NotResource: QUEUE };

    expect(decide({ identity: [notGet] })).toMatchObject({ by: { action: 'all but dynamodb:Get*, sqs:*' } });
    expect(isAllowed({ action: 'dynamodb:GetItem', identity: [notGet] })).toBe(false);
    expect(isAllowed({ identity: [notQueue] })).toBe(true);
    expect(isAllowed({ resource: QUEUE, identity: [notQueue] })).toBe(false);
  });
});

describe('a resource policy', () => {
  const send = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE };
  const allows = (principal: typeof ROLE | typeof BUS, statement: object) =>
    isAllowed({ principal, action: 'sqs:SendMessage', resource: QUEUE, resourcePolicy: [{ ...send, ...statement }] });

  it('allows the principals that it names, without another policy', () => {
    expect(allows(ROLE, { Principal: { AWS: 'arn:aws:iam::000000000000:role/billing' } })).toBe(true);
    expect(allows(ROLE, { Principal: { AWS: ROLE.arn } })).toBe(true);
    expect(allows(ROLE, { Principal: '*' })).toBe(true);
    expect(allows(ROLE, { Principal: { AWS: ['arn:aws:iam::000000000000:role/other'] } })).toBe(false);
    expect(allows(BUS, { Principal: { Service: ['events.amazonaws.com'] } })).toBe(true);
    expect(allows(BUS, { Principal: { Service: 'sns.amazonaws.com' } })).toBe(false);
    expect(allows(BUS, { Principal: { AWS: '000000000000' } })).toBe(false);
  });

  it('leaves the decision to the account when it names the account', () => {
    const Principal = { AWS: 'arn:aws:iam::000000000000:root' };

    expect(allows(ROLE, { Principal })).toBe(false);
    expect(allows(ROLE, { Principal: { AWS: '000000000000' } })).toBe(false);
    expect(
      decide({
        action: 'sqs:SendMessage',
        resource: QUEUE,
        identity: [send],
        resourcePolicy: [{ ...send, Effect: 'Deny', Principal }],
      }),
    ).toMatchObject({ kind: 'explicitly-denied' });
  });

  it('covers every other principal with NotPrincipal', () => {
    const deny = { ...send, Effect: 'Deny', NotPrincipal: { AWS: 'arn:aws:iam::000000000000:role/billing' } };
    const question = { action: 'sqs:SendMessage', resource: QUEUE, identity: [send], resourcePolicy: [deny] };

    expect(isAllowed(question)).toBe(true);
    expect(
      decide({ ...question, principal: { ...ROLE, arn: 'arn:x', roleArn: 'arn:aws:iam::000000000000:role/x' } }),
    ).toMatchObject({
      kind: 'explicitly-denied',
    });
  });

  it('lets a service act for the resources that it names', () => {
    const forRule = (rule: string) => ({
      Principal: { Service: 'events.amazonaws.com' },
      Condition: { ArnEquals: { 'aws:SourceArn': rule }, StringEquals: { 'aws:SourceAccount': '000000000000' } },
    });

    expect(allows(BUS, forRule(RULE))).toBe(true);
    expect(allows(BUS, forRule(`${RULE}2`))).toBe(false);
  });
});

describe('any policies', () => {
  const statement = fc.record({
    Effect: fc.constantFrom('Allow', 'Deny'),
    Action: fc.subarray(['dynamodb:PutItem', 'dynamodb:Get*', 'sqs:*', '*'], { minLength: 1 }),
    Resource: fc.subarray([TABLE, QUEUE, '*'], { minLength: 1 }),
  });
  const statements = fc.array(statement, { maxLength: 5 });
  const covers = ({ Action, Resource }: { Action: string[]; Resource: string[] }) =>
    Action.some((action) => ['dynamodb:PutItem', '*'].includes(action)) &&
    Resource.some((resource) => [TABLE, '*'].includes(resource));

  it('deny if a deny covers the request, otherwise allow if an allow does, in any order', () => {
    fc.assert(
      fc.property(statements, statements, (identity, onResource) => {
        const all = [...identity, ...onResource].filter(covers);
        const resourcePolicy = onResource.map((each) => ({ ...each, Principal: '*' }));
        const denied = all.some(({ Effect }) => Effect === 'Deny');
        const expected = denied ? 'explicitly-denied' : all.length > 0 ? 'allowed' : 'not-allowed';

        expect(decide({ identity, resourcePolicy }).kind).toBe(expected);
        expect(decide({ identity: identity.toReversed(), resourcePolicy }).kind).toBe(expected);
      }),
    );
  });
});
