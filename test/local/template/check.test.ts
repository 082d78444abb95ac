// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of Fn::Sub
import { describe, expect, it } from 'vitest';
import { checkAssembly } from '../../../local/template/deploy.ts';
import { TemplateRefusedError } from '../../../local/template/errors.ts';
import { stacksOf } from './stacks-of.ts';

const ENVIRONMENT = { accountId: '000000000000', region: 'us-east-1' };

function problemsOf(templates: Parameters<typeof stacksOf>[0]): readonly string[] {
  try {
    checkAssembly(stacksOf(templates), ENVIRONMENT);
    return [];
  } catch (error) {
    if (error instanceof TemplateRefusedError) return error.problems;
    throw error;
  }
}

const queue = (Properties: object = {}) => ({ Type: 'AWS::SQS::Queue', Properties });

describe('checkAssembly', () => {
  it('accepts what the run knows, including properties without effect', () => {
    const Resources = { Queue: queue({ FifoQueue: true, KmsMasterKeyId: 'alias/aws/sqs' }) };

    expect(problemsOf({ Shop: { Resources } })).toEqual([]);
  });

  it('collects the problems of all stacks before it refuses them', () => {
    expect(
      problemsOf({
        Hub: { Resources: { Api: { Type: 'AWS::ApiGateway::RestApi' } } },
        Shop: { Resources: { Queue: queue({ Colour: 'red' }) } },
      }),
    ).toEqual([
      "Hub/Api (AWS::ApiGateway::RestApi): type 'AWS::ApiGateway::RestApi' is not known to the local run",
      "Shop/Queue (AWS::SQS::Queue): property 'Colour' is not known to the local run",
    ]);
  });

  it('refuses two exports of one name, in one stack or in two', () => {
    const exporting = (...outputs: readonly string[]) => ({
      Outputs: Object.fromEntries(outputs.map((name) => [name, { Value: name, Export: { Name: 'bus' } }])),
    });

    expect(problemsOf({ Hub: exporting('A'), Shop: exporting('B', 'C') })).toEqual([
      "Shop: output 'B' exports 'bus', as output 'A' of stack Hub does; a name is exported once in a Region",
      "Shop: output 'C' exports 'bus', as output 'A' of stack Hub does; a name is exported once in a Region",
    ]);
  });

  it('refuses consumers of one name in two stacks of an environment, since only it sees the apps side by side', () => {
    const consumer = (name: string, environmentName: string) => ({
      Type: 'AWS::Lambda::Function',
      Properties: {
        Environment: {
          Variables: {
            POWERTOOLS_SERVICE_NAME: name,
            WAYBILL_ENVIRONMENT_NAME: environmentName,
            WAYBILL_QUEUE_URL: 'queue',
            WAYBILL_EVENT_TYPES: 'com.example.order.placed',
          },
        },
      },
    });
    const Resources = { Mail: consumer('mail', 'dev'), Billing: consumer('billing', 'dev') };

    expect(
      problemsOf({
        Shop: { Resources },
        Orders: { Resources: { Letters: consumer('mail', 'dev'), Stock: consumer('stock', 'dev') } },
        Test: { Resources: { Mail: consumer('mail', 'test') } },
      }),
    ).toEqual([
      "Orders/Letters (AWS::Lambda::Function): consumer 'mail' of environment 'dev' must have a name of its own, as Shop/Mail has the same: they would share inbox records and cursors, and each would miss events; rename the subscription of one of them",
    ]);
  });

  it('reports all problems in one message', () => {
    const assembly = stacksOf({ Shop: { Resources: { A: queue({ X: 1 }), B: queue({ Y: 1 }) } } });

    expect(() => checkAssembly(assembly, ENVIRONMENT)).toThrow(
      expect.objectContaining({
        code: 'LOCAL_TEMPLATE_REFUSED',
        message:
          'the template cannot run locally, 2 problems:\n' +
          "  Shop/A (AWS::SQS::Queue): property 'X' is not known to the local run\n" +
          "  Shop/B (AWS::SQS::Queue): property 'Y' is not known to the local run",
      }),
    );
  });

  it('names a property inside a list by its path, once', () => {
    const Targets = [
      { Id: 'a', Arn: 'x', EcsParameters: {} },
      { Id: 'b', Arn: 'x', EcsParameters: {} },
    ];
    const Resources = { Rule: { Type: 'AWS::Events::Rule', Properties: { Targets } } };

    expect(problemsOf({ Shop: { Resources } })).toEqual([
      "Shop/Rule (AWS::Events::Rule): property 'Targets.EcsParameters' is not known to the local run",
    ]);
  });

  it('ignores a resource if its condition does not hold', () => {
    const Conditions = { Never: { 'Fn::Equals': ['a', 'b'] } };
    const Resources = { Api: { Type: 'AWS::ApiGateway::RestApi', Condition: 'Never' } };

    expect(problemsOf({ Shop: { Conditions, Resources } })).toEqual([]);
  });

  it.each([
    ['a reference to nothing', { QueueName: { Ref: 'Nobody' } }, "refers to 'Nobody', which is not in the template"],
    ['an attribute of nothing', { QueueName: { 'Fn::GetAtt': ['Nobody', 'Arn'] } }, "refers to 'Nobody', which is not"],
    [
      'an attribute that its type does not have',
      { QueueName: { 'Fn::GetAtt': ['Other', 'Colour'] } },
      "attribute 'Colour' of AWS::SQS::Queue is not known to the local run",
    ],
    ['a name in Fn::Sub', { QueueName: { 'Fn::Sub': '${Nobody.Arn}' } }, "refers to 'Nobody', which is not"],
    ['a function', { QueueName: { 'Fn::Transform': {} } }, "function 'Fn::Transform' is not known to the local run"],
    [
      'an import that nobody exports',
      { QueueName: { 'Fn::ImportValue': 'Hub:Bus' } },
      "imports 'Hub:Bus', which no stack of the assembly exports",
    ],
    [
      'an output of a stack elsewhere',
      { QueueName: { 'Fn::GetStackOutput': { StackName: 'Hub', OutputName: 'Bus' } } },
      "reads an output of stack 'Hub', which is not in the assembly",
    ],
    [
      'an output of another region',
      { QueueName: { 'Fn::GetStackOutput': { StackName: 'Shop', OutputName: 'Bus', Region: 'eu-west-1' } } },
      "reads an output of region 'eu-west-1'; the run is in us-east-1 only",
    ],
  ])('refuses %s', (_, properties, problem) => {
    const problems = problemsOf({ Shop: { Resources: { Queue: queue(properties), Other: queue() } } });

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`Shop/Queue (AWS::SQS::Queue): ${problem}`);
  });

  it('refuses resources that depend on each other', () => {
    const Resources = { A: queue({ QueueName: { Ref: 'B' } }), B: { ...queue(), DependsOn: 'A' } };

    expect(problemsOf({ Shop: { Resources } })).toEqual(['Shop: resources depend on each other: A -> B -> A']);
  });

  it('refuses sections and attributes that it does not know', () => {
    const Resources = { Queue: { ...queue(), CreationPolicy: {} } };

    expect(problemsOf({ Shop: { Transform: 'AWS::Serverless-2016-10-31', Resources } })).toEqual([
      "Shop: template section 'Transform' is not known to the local run",
      "Shop/Queue (AWS::SQS::Queue): attribute 'CreationPolicy' is not known to the local run",
    ]);
  });

  it('refuses a parameter without a default, from Parameter Store or not', () => {
    const Parameters = {
      Stage: { Type: 'String' },
      BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/version' },
      BusName: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/hub/bus' },
      Other: { Type: 'AWS::SSM::Parameter::Value<String>' },
    };

    expect(
      problemsOf({ Shop: { Parameters, Resources: { Queue: queue({ QueueName: { Ref: 'BusName' } }) } } }),
    ).toEqual([
      "Shop: parameter 'Stage' has no default, and the local run sets none",
      "Shop: parameter 'Other' has no default, and the local run sets none",
    ]);
  });

  it("refuses a function's runtime, package and code that this machine cannot run", () => {
    const Properties = { Code: { S3Key: 'gone.zip' }, Runtime: 'python3.13', PackageType: 'Image', Layers: ['x'] };

    expect(problemsOf({ Shop: { Resources: { F: { Type: 'AWS::Lambda::Function', Properties } } } })).toEqual([
      "Shop/F (AWS::Lambda::Function): property 'Layers' is not known to the local run",
      "Shop/F (AWS::Lambda::Function): property 'PackageType' is 'Image'; the local run has 'Zip' only",
      "Shop/F (AWS::Lambda::Function): property 'Runtime' is 'python3.13'; the local run has 'nodejs20.x', 'nodejs22.x', 'nodejs24.x' only",
      "Shop/F (AWS::Lambda::Function): property 'Code.S3Key' is 'gone.zip', which is no asset of the assembly; use Code.fromAsset",
    ]);
  });

  it('refuses a global table with a second region', () => {
    const Properties = { Replicas: [{ Region: 'us-east-1' }, { Region: 'eu-west-1' }] };

    expect(problemsOf({ Shop: { Resources: { T: { Type: 'AWS::DynamoDB::GlobalTable', Properties } } } })).toEqual([
      "Shop/T (AWS::DynamoDB::GlobalTable): property 'Replicas' has 2 regions; the local run has one",
    ]);
  });
});
