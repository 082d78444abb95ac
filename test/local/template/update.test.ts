import { describe, expect, it } from 'vitest';
import { checkAssembly, deploy } from '../../../local/template/deploy.ts';
import { createUpdate } from '../../../local/template/update.ts';
import { recordingEngines } from './recording-engines.ts';
import { stacksOf } from './stacks-of.ts';

const ENVIRONMENT = { accountId: '000000000000', region: 'us-east-1' };

const QUEUE_URL = 'http://127.0.0.1:4566/000000000000/queue';

const template = (more: { readonly function?: object; readonly queue?: object; readonly others?: object } = {}) => ({
  Hub: {
    Resources: {
      Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 30, ...more.queue } },
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] } },
      },
      Billing: {
        Type: 'AWS::Lambda::Function',
        Metadata: { 'aws:cdk:path': 'Hub/Billing' },
        Properties: {
          Code: { S3Bucket: 'assets', S3Key: 'one.zip' },
          Handler: 'index.handler',
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Runtime: 'nodejs24.x',
          Timeout: 3,
          Environment: { Variables: { QUEUE_URL: { Ref: 'Queue' } } },
          ...more.function,
        },
      },
      ...more.others,
    },
  },
});

type Template = ReturnType<typeof template>;

const CODE = new Map([
  ['one.zip', import.meta.dirname],
  ['two.zip', `${import.meta.dirname}/resources`],
]);

const assemblyOf = (given: Template) => checkAssembly(stacksOf(given, CODE), ENVIRONMENT);

async function running() {
  const { engines, calls } = recordingEngines({ CreateQueue: { QueueUrl: QUEUE_URL } });
  const first = assemblyOf(template());
  const update = createUpdate(first, await deploy(first, engines), engines);
  calls.length = 0;
  return { calls, update: (next: Template) => update(assemblyOf(next)) };
}

describe('createUpdate', () => {
  it('changes nothing for an assembly that says the same', async () => {
    const { calls, update } = await running();

    expect(await update(template())).toEqual({ updated: [], remaining: [] });
    expect(calls).toEqual([]);
  });

  it('gives a function its new code, variables, memory and timeout, with references to what runs', async () => {
    const { calls, update } = await running();

    const result = await update(
      template({
        function: {
          Code: { S3Bucket: 'assets', S3Key: 'two.zip' },
          Timeout: 9,
          MemorySize: 256,
          Environment: { Variables: { QUEUE_URL: { Ref: 'Queue' }, LEVEL: 'DEBUG' } },
        },
      }),
    );

    expect(result).toEqual({ updated: ['Hub/Billing'], remaining: [] });
    expect(calls).toMatchObject([
      {
        operation: 'updateFunction',
        input: {
          codeFolder: `${import.meta.dirname}/resources`,
          timeoutSeconds: 9,
          memoryMb: 256,
          environment: { QUEUE_URL, LEVEL: 'DEBUG' },
        },
      },
    ]);
  });

  it('takes a change over once', async () => {
    const { calls, update } = await running();
    await update(template({ function: { Timeout: 9 } }));

    expect(await update(template({ function: { Timeout: 9 } }))).toEqual({ updated: [], remaining: [] });
    expect(calls).toHaveLength(1);
  });

  it('names what takes a new run, each time until then', async () => {
    const { calls, update } = await running();
    const next = template({
      queue: { VisibilityTimeout: 60 },
      function: { ReservedConcurrentExecutions: 1 },
      others: { More: { Type: 'AWS::SQS::Queue' } },
    });

    const remaining = [
      'Hub/Queue (AWS::SQS::Queue): VisibilityTimeout changed',
      'Hub/Billing (AWS::Lambda::Function): ReservedConcurrentExecutions changed',
      'Hub/More (AWS::SQS::Queue) is new',
    ];
    expect(await update(next)).toEqual({ updated: [], remaining });
    expect(await update(next)).toEqual({ updated: [], remaining });
    expect(calls).toEqual([]);
  });

  it('names what is gone', async () => {
    const { update } = await running();
    const next = template({ function: { Environment: { Variables: {} } } });
    const { Queue: _, ...others } = next.Hub.Resources;

    expect(await update({ Hub: { Resources: others as Template['Hub']['Resources'] } })).toEqual({
      updated: ['Hub/Billing'],
      remaining: ['Hub/Queue (AWS::SQS::Queue) is gone'],
    });
  });

  it('leaves a function as it is that refers to what is new', async () => {
    const { calls, update } = await running();

    const result = await update(
      template({
        function: { Environment: { Variables: { MORE_URL: { Ref: 'More' } } } },
        others: { More: { Type: 'AWS::SQS::Queue' } },
      }),
    );

    expect(result.updated).toEqual([]);
    expect(result.remaining).toContainEqual(
      "Hub/Billing (AWS::Lambda::Function): 'More' does not exist at this point of the deployment",
    );
    expect(calls).toEqual([]);
  });

  it('passes by what has no effect on a laptop', async () => {
    const { update } = await running();

    expect(await update(template({ function: { Description: 'sends invoices' } }))).toEqual({
      updated: [],
      remaining: [],
    });
  });
});
