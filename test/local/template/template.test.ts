import { describe, expect, it } from 'vitest';
import { environmentOf } from '../../../local/template/pseudo-parameters.ts';
import { readTemplate } from '../../../local/template/template.ts';
import { stacksOf } from './stacks-of.ts';

const ENVIRONMENT = { accountId: '000000000000', region: 'us-east-1' };

function read(template: object) {
  const [stack] = stacksOf({ Shop: { ...template } }).stacks;
  if (stack === undefined) throw new Error('no stack was made');
  return readTemplate(stack, ENVIRONMENT);
}

const inRegion = (region: string) => ({ 'Fn::Equals': [{ Ref: 'AWS::Region' }, region] });

describe('readTemplate', () => {
  it('gives parameters their defaults, lists as lists', () => {
    const { parameters } = read({
      Parameters: {
        Stage: { Type: 'String', Default: 'dev' },
        Count: { Type: 'Number', Default: 3 },
        Zones: { Type: 'CommaDelimitedList', Default: 'a,b' },
      },
    });

    expect(parameters.get('Stage')).toBe('dev');
    expect(parameters.get('Count')).toBe(3);
    expect(parameters.get('Zones')).toEqual(['a', 'b']);
  });

  it("knows the stack's own pseudo parameters", () => {
    const { parameters } = read({});

    expect(parameters.get('AWS::AccountId')).toBe('000000000000');
    expect(parameters.get('AWS::Partition')).toBe('aws');
    expect(parameters.get('AWS::StackName')).toBe('Shop');
    expect(parameters.get('AWS::URLSuffix')).toBe('amazonaws.com');
    expect(parameters.get('AWS::StackId')).toMatch(
      /^arn:aws:cloudformation:us-east-1:000000000000:stack\/Shop\/[0-9a-f-]{36}$/,
    );
  });

  it('drops resources and outputs if their condition does not hold', () => {
    const { resources, outputs } = read({
      Conditions: { Here: inRegion('us-east-1'), There: inRegion('eu-west-1') },
      Resources: {
        Kept: { Type: 'AWS::SQS::Queue', Condition: 'Here' },
        Dropped: { Type: 'AWS::SQS::Queue', Condition: 'There' },
      },
      Outputs: { Kept: { Value: 1, Condition: 'Here' }, Dropped: { Value: 2, Condition: 'There' } },
    });

    expect([...resources.keys()]).toEqual(['Kept']);
    expect(outputs.map(({ name }) => name)).toEqual(['Kept']);
  });

  it('decides a condition by a mapping', () => {
    const { resources } = read({
      Mappings: { Regions: { 'us-east-1': { big: 'yes' } } },
      Conditions: {
        Big: { 'Fn::Equals': [{ 'Fn::FindInMap': ['Regions', { Ref: 'AWS::Region' }, 'big'] }, 'yes'] },
      },
      Resources: {
        Queue: {
          Type: 'AWS::SQS::Queue',
          Properties: { DelaySeconds: { 'Fn::If': ['Big', 5, { Ref: 'AWS::NoValue' }] } },
        },
      },
    });

    expect(resources.get('Queue')?.properties).toEqual({ DelaySeconds: 5 });
  });

  it('reads what a resource depends on, and where its construct is', () => {
    const { resources } = read({
      Resources: {
        Queue: {
          Type: 'AWS::SQS::Queue',
          DependsOn: ['A', 'B'],
          Metadata: { 'aws:cdk:path': 'Shop/Orders/Queue/Resource' },
        },
      },
    });

    expect(resources.get('Queue')).toMatchObject({
      dependsOn: ['A', 'B'],
      constructPath: 'Shop/Orders/Queue/Resource',
      properties: {},
    });
  });

  it.each([
    ['an undeclared condition', { Condition: 'Gone' }, "condition 'Gone' is not declared"],
    [
      'a condition that looks at a resource',
      { Condition: 'Early' },
      "a condition cannot use 'Other': it is decided before any resource exists",
    ],
    ['a key that a mapping does not have', { Condition: 'Unmapped' }, "mapping 'Regions.us-east-1.big' does not exist"],
  ])('reports %s with the resource that uses it', (_, more, problem) => {
    const { problems } = read({
      Mappings: { Regions: {} },
      Conditions: {
        Early: { 'Fn::Equals': [{ Ref: 'Other' }, 'x'] },
        Unmapped: { 'Fn::Equals': [{ 'Fn::FindInMap': ['Regions', { Ref: 'AWS::Region' }, 'big'] }, 'x'] },
      },
      Resources: { Queue: { Type: 'AWS::SQS::Queue', ...more } },
    });

    expect(problems).toEqual([`Shop/Queue (AWS::SQS::Queue): ${problem}`]);
  });
});

describe('environmentOf', () => {
  const bound = (account: string | undefined, region: string | undefined) => ({
    stackName: 'Shop',
    account,
    region,
    template: {},
  });

  it('has a default for stacks that are bound to no environment', () => {
    expect(environmentOf([bound(undefined, undefined)])).toEqual({ accountId: '000000000000', region: 'us-east-1' });
  });

  it('uses the environment that the stacks are bound to', () => {
    expect(environmentOf([bound(undefined, 'eu-west-1'), bound('123456789012', undefined)])).toEqual({
      accountId: '123456789012',
      region: 'eu-west-1',
    });
  });

  it('rejects stacks of more than one region', () => {
    expect(() => environmentOf([bound(undefined, 'eu-west-1'), bound(undefined, 'eu-west-2')])).toThrow(
      expect.objectContaining({
        code: 'LOCAL_ASSEMBLY_INVALID',
        message: 'the stacks are bound to 2 regions (eu-west-1, eu-west-2); a local run has one',
      }),
    );
  });
});
