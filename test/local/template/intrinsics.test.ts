// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of Fn::Sub
import { describe, expect, it } from 'vitest';
import { evaluate, type Scope } from '../../../local/template/intrinsics.ts';

const scope: Scope = {
  region: 'eu-west-1',
  ref: (name) => ({ 'AWS::Region': 'eu-west-1', Queue: 'https://queue', Names: ['a', 'b'] })[name],
  getAtt: (logicalId, attribute) => `<${logicalId}|${attribute}>`,
  findInMap: (...path) => `map:${path.join('/')}`,
  importValue: (name) => `imported:${name}`,
  stackOutput: (stackName, outputName) => `${stackName}->${outputName}`,
};

describe('evaluate', () => {
  it.each([
    ['leaves plain data alone', { a: [1, true, null, 'text'] }, { a: [1, true, null, 'text'] }],
    ['reads Ref', { Ref: 'Queue' }, 'https://queue'],
    ['reads Fn::GetAtt as a list', { 'Fn::GetAtt': ['Queue', 'Arn'] }, '<Queue|Arn>'],
    [
      'reads Fn::GetAtt as text with a dotted attribute',
      { 'Fn::GetAtt': 'Stack.Outputs.Name' },
      '<Stack|Outputs.Name>',
    ],
    ['joins', { 'Fn::Join': ['-', ['a', { Ref: 'Queue' }, 3]] }, 'a-https://queue-3'],
    ['joins a list that a function gives', { 'Fn::Join': ['+', { Ref: 'Names' }] }, 'a+b'],
    ['splits and selects', { 'Fn::Select': ['1', { 'Fn::Split': ['-', 'eu-west-1'] }] }, 'west'],
    ['encodes base64', { 'Fn::Base64': 'Waybill' }, 'V2F5YmlsbA=='],
    ['lists zones of the own region', { 'Fn::GetAZs': '' }, ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']],
    ['finds in a mapping', { 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'k'] }, 'map:M/eu-west-1/k'],
    ['imports', { 'Fn::ImportValue': 'Hub:Bus' }, 'imported:Hub:Bus'],
    [
      "reads another stack's output",
      { 'Fn::GetStackOutput': { StackName: 'Hub', OutputName: 'Bus', Region: { Ref: 'AWS::Region' } } },
      'Hub->Bus',
    ],
    ['substitutes names and attributes', { 'Fn::Sub': 'x-${AWS::Region}-${Queue.Arn}' }, 'x-eu-west-1-<Queue|Arn>'],
    [
      'prefers the variables that Fn::Sub brings',
      { 'Fn::Sub': ['${Queue}/${v}', { v: { Ref: 'Queue' } }] },
      'https://queue/https://queue',
    ],
    ['keeps what Fn::Sub marks as literal', { 'Fn::Sub': '${!Literal}' }, '${Literal}'],
    ['takes an object with more members for data', { Ref: 'Queue', other: 1 }, { Ref: 'Queue', other: 1 }],
  ])('%s', (_, value, expected) => {
    expect(evaluate(value, scope)).toEqual(expected);
  });

  it('refuses to select beyond the list', () => {
    expect(() => evaluate({ 'Fn::Select': [2, ['a', 'b']] }, scope)).toThrow('Fn::Select has no item 2 in 2 items');
  });

  it('refuses a function that it does not know', () => {
    expect(() => evaluate({ 'Fn::Cidr': [] }, scope)).toThrow("function 'Fn::Cidr' is not known to the local run");
  });
});
