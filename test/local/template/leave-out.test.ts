// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of Fn::Sub
import { describe, expect, it } from 'vitest';
import { checkAssembly } from '../../../local/template/deploy.ts';
import { TemplateRefusedError } from '../../../local/template/errors.ts';
import { leaveOut, namesIn } from '../../../local/template/leave-out.ts';
import { stacksOf } from './stacks-of.ts';

const ENVIRONMENT = { accountId: '000000000000', region: 'us-east-1' };

const at = (path: string, Type: string, Properties: object = {}, more: object = {}) => ({
  Type,
  Properties,
  Metadata: { 'aws:cdk:path': path },
  ...more,
});

const REPORT = {
  Role: at('Shop/Report/Role/Resource', 'AWS::IAM::Role', { AssumeRolePolicyDocument: {} }),
  Report: at('Shop/Report/Resource', 'AWS::Lambda::Function', {
    Code: { ZipFile: 'print(1)' },
    Handler: 'index.handler',
    Runtime: 'python3.13',
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
  }),
};

const QUEUE = { Queue: at('Shop/Queue/Resource', 'AWS::SQS::Queue') };

/** What runs, or why nothing does. */
function checked(templates: Parameters<typeof stacksOf>[0], ...without: readonly string[]) {
  try {
    const { stacks } = checkAssembly(leaveOut(stacksOf(templates), without).assembly, ENVIRONMENT);
    return stacks.map(({ stackName, resources, outputs }) => [
      stackName,
      [...resources.keys(), ...outputs.map(({ name }) => name)],
    ]);
  } catch (error) {
    if (error instanceof TemplateRefusedError) return { problems: error.problems, constructs: error.constructs };
    throw error;
  }
}

describe('a function of another runtime', () => {
  it('is refused by name, with the construct that can be left out', () => {
    expect(checked({ Shop: { Resources: { ...REPORT, ...QUEUE } } })).toStrictEqual({
      problems: [
        "Shop/Report (AWS::Lambda::Function): property 'Code.ZipFile' is not known to the local run",
        "Shop/Report (AWS::Lambda::Function): property 'Runtime' is 'python3.13'; the local run has 'nodejs20.x', 'nodejs22.x', 'nodejs24.x' only",
      ],
      constructs: ['Shop/Report'],
    });
  });

  it('can be left out with what belongs to it, by the path of its construct', () => {
    expect(checked({ Shop: { Resources: { ...REPORT, ...QUEUE } } }, 'Shop/Report')).toStrictEqual([
      ['Shop', ['Queue']],
    ]);
  });
});

describe('leaving out', () => {
  it('takes a logical id, or what refusals call a resource without a path', () => {
    const Resources = { Api: { Type: 'AWS::ApiGateway::RestApi' }, Site: { Type: 'AWS::S3::Site' }, ...QUEUE };

    expect(checked({ Shop: { Resources } }, 'Api', 'Shop/Site')).toStrictEqual([['Shop', ['Queue']]]);
  });

  it('takes a whole stack', () => {
    expect(checked({ Site: { Resources: REPORT }, Shop: { Resources: QUEUE } }, 'Site')).toStrictEqual([
      ['Shop', ['Queue']],
    ]);
  });

  it('takes a stack of which nothing is left, as those of a stage', () => {
    const Resources = { Queue: at('prod/Shop/Queue/Resource', 'AWS::SQS::Queue') };

    expect(checked({ 'prod-Shop': { Resources }, Shop: { Resources: QUEUE } }, 'prod')).toStrictEqual([
      ['Shop', ['Queue']],
    ]);
  });

  it('does not check anything that is left out', () => {
    const Resources = {
      ...QUEUE,
      Odd: at('Shop/Odd', 'AWS::Odd::Thing', {}, { CreationPolicy: {}, DeletionPolicy: 'Snapshot' }),
    };

    expect(checked({ Shop: { Resources } }, 'Shop/Odd')).toStrictEqual([['Shop', ['Queue']]]);
  });

  it('does not leave out a construct if only the beginning of its path is the same', () => {
    const Resources = { ...QUEUE, Other: at('Shop/Queues/Resource', 'AWS::SQS::Queue') };

    expect(checked({ Shop: { Resources } }, 'Shop/Queue')).toStrictEqual([['Shop', ['Other']]]);
  });

  it('refuses what refers to something that is left out', () => {
    const Resources = {
      ...REPORT,
      Rule: at('Shop/Rule/Resource', 'AWS::Events::Rule', {
        ScheduleExpression: 'rate(1 day)',
        Targets: [{ Id: 'a', Arn: { 'Fn::GetAtt': ['Report', 'Arn'] } }],
      }),
      Queue: at(
        'Shop/Queue/Resource',
        'AWS::SQS::Queue',
        { QueueName: { 'Fn::Sub': 'of-${Report}' } },
        { DependsOn: 'Role' },
      ),
    };

    expect(checked({ Shop: { Resources } }, 'Shop/Report')).toStrictEqual({
      problems: [
        "Shop/Rule (AWS::Events::Rule): refers to 'Report', which --without leaves out: leave this out as well",
        "Shop/Queue (AWS::SQS::Queue): depends on 'Role', which --without leaves out: leave this out as well",
        "Shop/Queue (AWS::SQS::Queue): refers to 'Report', which --without leaves out: leave this out as well",
      ],
      constructs: ['Shop/Rule', 'Shop/Queue'],
    });
  });

  it('leaves out outputs that refer to it, and refuses stacks that read them', () => {
    const Hub = {
      Resources: { ...REPORT, ...QUEUE },
      Outputs: {
        Name: { Value: { Ref: 'Report' }, Export: { Name: 'report' } },
        Arn: { Value: { 'Fn::GetAtt': ['Report', 'Arn'] } },
        Url: { Value: { Ref: 'Queue' } },
      },
    };
    const importing = {
      Copy: at('Shop/Copy/Resource', 'AWS::SQS::Queue', { QueueName: { 'Fn::ImportValue': 'report' } }),
    };
    const reading = {
      Copy: at('Shop/Copy/Resource', 'AWS::SQS::Queue', {
        QueueName: { 'Fn::GetStackOutput': { StackName: 'Hub', OutputName: 'Arn' } },
      }),
    };

    expect(checked({ Hub }, 'Shop/Report')).toStrictEqual([['Hub', ['Queue', 'Url']]]);
    expect(checked({ Hub, Shop: { Resources: importing } }, 'Shop/Report')).toMatchObject({
      problems: ["Shop/Copy (AWS::SQS::Queue): imports 'report', which --without leaves out: leave this out as well"],
    });
    expect(checked({ Hub, Shop: { Resources: reading } }, 'Shop/Report')).toMatchObject({
      problems: [
        "Shop/Copy (AWS::SQS::Queue): reads output 'Arn' of stack 'Hub', which --without leaves out: leave this out as well",
      ],
    });
  });

  it('lists what each name has left out, and all names that exist', () => {
    const assembly = stacksOf({ Shop: { Resources: { ...REPORT, ...QUEUE } } });

    expect([...leaveOut(assembly, ['Shop/Report', 'Shop/Reports']).leftOut]).toStrictEqual([
      ['Shop/Report', ['AWS::IAM::Role', 'AWS::Lambda::Function']],
      ['Shop/Reports', []],
    ]);
    expect(namesIn(assembly)).toStrictEqual([
      'Shop',
      'Role',
      'Shop/Report',
      'Shop/Report/Role',
      'Shop/Report/Role/Resource',
      'Report',
      'Shop/Report/Resource',
      'Queue',
      'Shop/Queue',
      'Shop/Queue/Resource',
    ]);
  });
});
