import { describe, expect, it } from 'vitest';
import { deployed } from '../deployed.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:relay';

const ALIAS = {
  Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: 'relay' } },
  Alias: {
    Type: 'AWS::Lambda::Alias',
    Properties: {
      FunctionName: 'relay',
      FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] },
      Name: 'live',
      RoutingConfig: { AdditionalVersionWeights: [{ FunctionVersion: '3', FunctionWeight: '0.1' }] },
    },
  },
};

describe('versions and aliases of a template', () => {
  it('are published, and named by their ARNs', async () => {
    const { calls, outputs } = await deployed(ALIAS, {
      outputs: { Version: { Ref: 'Version' }, Alias: { Ref: 'Alias' } },
    });

    expect(calls).toEqual([
      { operation: 'publishVersion', input: 'relay' },
      { operation: 'createAlias', input: ['relay', { name: 'live', version: '1', weights: { 3: 0.1 } }] },
    ]);
    expect(outputs).toEqual(
      new Map([
        ['Version', `${ARN}:1`],
        ['Alias', `${ARN}:live`],
      ]),
    );
  });

  it('can be named by a mapping, a permission and settings for events', async () => {
    const { calls, deployment } = await deployed({
      ...ALIAS,
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: { FunctionName: { Ref: 'Alias' }, EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:q' },
      },
      Permission: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          FunctionName: { Ref: 'Alias' },
          Action: 'lambda:InvokeFunction',
          Principal: 'events.amazonaws.com',
        },
      },
      Events: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: {
          FunctionName: 'relay',
          Qualifier: 'live',
          MaximumRetryAttempts: '1',
          MaximumEventAgeInSeconds: 3600,
          DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:failed' } },
        },
      },
    });

    expect(calls.slice(2)).toMatchObject([
      { operation: 'createEventSourceMapping', input: { functionName: 'relay', qualifier: 'live' } },
      {
        operation: 'configureAsync',
        input: [
          'relay:live',
          {
            maximumRetryAttempts: 1,
            maximumEventAgeSeconds: 3600,
            onFailureArn: 'arn:aws:sqs:us-east-1:000000000000:failed',
          },
        ],
      },
    ]);
    expect(deployment.mappings).toMatchObject([{ functionName: 'relay' }]);
    expect(deployment.resourcePolicies).toMatchObject([{ resources: [`${ARN}:live`] }]);
  });

  it('refuse a name that is not a function', async () => {
    const version = deployed({ Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: 'a b' } } });

    await expect(version).rejects.toMatchObject({
      message: expect.stringContaining("property 'FunctionName' is 'a b', expected a function's name or ARN"),
    });
  });
});
