import { describe, expect, it } from 'vitest';
import { chooseBranches, createConditions } from '../../../local/template/conditions.ts';
import type { Scope } from '../../../local/template/intrinsics.ts';

const scope: Scope = {
  region: 'eu-west-1',
  ref: () => 'eu-west-1',
  getAtt: () => undefined,
  findInMap: () => undefined,
  importValue: () => undefined,
  stackOutput: () => undefined,
};
const inRegion = (region: string) => ({ 'Fn::Equals': [{ Ref: 'AWS::Region' }, region] });
const conditions = createConditions(
  {
    Here: inRegion('eu-west-1'),
    There: inRegion('us-east-1'),
    Either: { 'Fn::Or': [{ Condition: 'Here' }, { Condition: 'There' }] },
    Both: { 'Fn::And': [{ Condition: 'Here' }, { Condition: 'There' }] },
    NotThere: { 'Fn::Not': [{ Condition: 'There' }] },
    Loop: { 'Fn::Not': [{ Condition: 'Loop' }] },
    Odd: { 'Fn::Contains': [] },
  },
  scope,
);

describe('conditions', () => {
  it.each([
    ['Here', true],
    ['There', false],
    ['Either', true],
    ['Both', false],
    ['NotThere', true],
  ])('%s is %s', (name, expected) => {
    expect(conditions(name)).toBe(expected);
  });

  it('rejects one that is not declared', () => {
    expect(() => conditions('Nowhere')).toThrow("condition 'Nowhere' is not declared");
  });

  it('rejects one that depends on itself', () => {
    expect(() => conditions('Loop')).toThrow("condition 'Loop' depends on itself");
  });

  it('rejects a function that is not a condition', () => {
    expect(() => conditions('Odd')).toThrow('is no condition that the local run knows');
  });
});

describe('chooseBranches', () => {
  it('takes the branch that holds at any depth', () => {
    const value = { a: [{ 'Fn::If': ['Here', { b: { 'Fn::If': ['There', 1, 2] } }, 'no'] }] };

    expect(chooseBranches(value, conditions)).toEqual({ a: [{ b: 2 }] });
  });

  it('leaves out members and items that are AWS::NoValue', () => {
    const noValue = { 'Fn::If': ['There', 1, { Ref: 'AWS::NoValue' }] };

    expect(chooseBranches({ gone: noValue, list: [1, noValue, 3] }, conditions)).toEqual({ list: [1, 3] });
  });

  it('treats the Condition of an IAM statement as data', () => {
    const statement = { Condition: { Bool: { 'aws:SecureTransport': 'false' } } };

    expect(chooseBranches(statement, conditions)).toEqual(statement);
  });
});
