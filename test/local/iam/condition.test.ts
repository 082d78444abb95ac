import { describe, expect, it } from 'vitest';
import { decide, isAllowed, isAllowedIf, QUEUE, ROLE, RULE } from './decide.ts';

const SELECT = 'dynamodb:select';
const KEYS = 'dynamodb:leadingkeys';

describe('a condition operator', () => {
  it.each([
    ['StringEquals', 'COUNT', 'COUNT', true],
    ['StringEquals', 'COUNT', 'count', false],
    ['StringEquals', 'C*', 'COUNT', false],
    ['StringEqualsIgnoreCase', 'count', 'COUNT', true],
    ['StringNotEquals', 'COUNT', 'COUNT', false],
    ['StringNotEquals', 'COUNT', 'other', true],
    ['StringNotEqualsIgnoreCase', 'count', 'COUNT', false],
    ['StringLike', 'C*T', 'COUNT', true],
    ['StringLike', 'C?T', 'COUNT', false],
    ['StringNotLike', 'C*', 'COUNT', false],
    ['ArnLike', 'arn:aws:events:*:000000000000:rule/*', RULE, true],
    ['ArnEquals', 'arn:aws:events:*:000000000000:rule/*', RULE, true],
    ['ArnLike', 'arn:aws:sqs:*:*:*', RULE, false],
    ['ArnNotLike', 'arn:aws:sqs:*:*:*', RULE, true],
    ['ArnNotEquals', RULE, RULE, false],
    ['Bool', 'TRUE', 'true', true],
    ['Bool', 'false', 'true', false],
    ['NumericEquals', '10', '10.0', true],
    ['NumericNotEquals', '10', '10', false],
    ['NumericLessThan', '10', '9', true],
    ['NumericLessThanEquals', '10', '10', true],
    ['NumericGreaterThan', '10', '10', false],
    ['NumericGreaterThanEquals', '10', '10', true],
    ['IpAddress', '10.0.0.0/8', '10.1.2.3', true],
    ['IpAddress', '10.0.0.1', '10.0.0.2', false],
    ['IpAddress', '10.0.0.1', 'nonsense', false],
    ['IpAddress', '2001:db8::/32', '2001:db8::1', true],
    ['NotIpAddress', '10.0.0.0/8', '10.1.2.3', false],
  ])('%s %s for %s: %s', (operator, wanted, given, expected) => {
    expect(isAllowedIf({ [operator]: { 'dynamodb:Select': wanted } }, { [SELECT]: [given] })).toBe(expected);
  });

  it('matches any of its values, and none of them when it is negated', () => {
    expect(isAllowedIf({ StringEquals: { 'dynamodb:Select': ['A', 'B'] } }, { [SELECT]: ['B'] })).toBe(true);
    expect(isAllowedIf({ StringNotEquals: { 'dynamodb:Select': ['A', 'B'] } }, { [SELECT]: ['B'] })).toBe(false);
  });

  it('must hold together with all other operators', () => {
    const condition = { StringEquals: { 'dynamodb:Select': 'A' }, Bool: { 'aws:SecureTransport': 'true' } };

    expect(isAllowedIf(condition, { [SELECT]: ['A'] })).toBe(true);
    expect(isAllowedIf(condition, { [SELECT]: ['B'] })).toBe(false);
    expect(isAllowedIf({ ...condition, Bool: { 'aws:SecureTransport': 'false' } }, { [SELECT]: ['A'] })).toBe(false);
  });
});

describe('a condition key that the request does not have', () => {
  it.each([
    ['StringEquals', false],
    ['StringLike', false],
    ['Bool', false],
    ['StringNotEquals', true],
    ['ArnNotLike', true],
    ['StringEqualsIfExists', true],
    ['StringNotEqualsIfExists', true],
    ['ForAnyValue:StringEquals', false],
    ['ForAnyValue:StringNotEquals', false],
    ['ForAnyValue:StringEqualsIfExists', true],
    ['ForAllValues:StringEquals', true],
    ['ForAllValues:StringNotEquals', true],
  ])('%s: %s', (operator, expected) => {
    expect(isAllowedIf({ [operator]: { 'dynamodb:Select': 'A' } })).toBe(expected);
  });

  it('is what the Null operator checks', () => {
    expect(isAllowedIf({ Null: { 'dynamodb:Select': 'true' } })).toBe(true);
    expect(isAllowedIf({ Null: { 'dynamodb:Select': 'false' } })).toBe(false);
    expect(isAllowedIf({ Null: { 'dynamodb:LeadingKeys': 'false' } }, { [KEYS]: ['a'] })).toBe(true);
    expect(isAllowedIf({ Null: { 'dynamodb:LeadingKeys': 'true' } }, { [KEYS]: ['a'] })).toBe(false);
  });
});

describe('a key of many values', () => {
  const leading = (operator: string, ...given: readonly string[]) =>
    isAllowedIf({ [operator]: { 'dynamodb:LeadingKeys': ['billing#*', 'shared'] } }, { [KEYS]: given });

  it('must match with every value under ForAllValues', () => {
    expect(leading('ForAllValues:StringLike', 'billing#1', 'shared')).toBe(true);
    expect(leading('ForAllValues:StringLike', 'billing#1', 'orders#1')).toBe(false);
    expect(leading('ForAllValues:StringNotLike', 'orders#1', 'billing#1')).toBe(false);
    expect(leading('ForAllValues:StringNotLike', 'orders#1', 'orders#2')).toBe(true);
  });

  it('must match with one value under ForAnyValue', () => {
    expect(leading('ForAnyValue:StringLike', 'orders#1', 'billing#1')).toBe(true);
    expect(leading('ForAnyValue:StringLike', 'orders#1')).toBe(false);
    expect(leading('ForAnyValue:StringNotLike', 'billing#1', 'orders#1')).toBe(true);
  });
});

describe('a condition on a key of every request', () => {
  it.each([
    [{ Bool: { 'aws:SecureTransport': 'true' } }],
    [{ StringEquals: { 'aws:PrincipalAccount': '000000000000' } }],
    [{ ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::000000000000:role/billing' } }],
    [{ StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } }],
    [{ IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } }],
    [{ Bool: { 'aws:PrincipalIsAWSService': 'false' } }],
    [{ Null: { 'aws:SourceArn': 'true' } }],
  ])('%o holds for a role', (condition) => {
    expect(isAllowedIf(condition)).toBe(true);
  });

  it('does not trigger a queue policy that denies insecure requests, because loopback counts as secure', () => {
    const denyInsecure = {
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 'sqs:*',
      Resource: QUEUE,
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    };
    const identity = [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE }];

    expect(
      isAllowed({
        principal: ROLE,
        action: 'sqs:SendMessage',
        resource: QUEUE,
        identity,
        resourcePolicy: [denyInsecure],
      }),
    ).toBe(true);
    expect(
      decide({
        action: 'sqs:SendMessage',
        resource: QUEUE,
        identity,
        resourcePolicy: [{ ...denyInsecure, Condition: { Bool: { 'aws:SecureTransport': 'true' } } }],
      }),
    ).toMatchObject({ kind: 'explicitly-denied', by: { side: 'resource', statementIndex: 0, action: 'sqs:*' } });
  });
});
