import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import type { ItemAction } from '../../../infra/constructs/grantee.ts';
import { tableFrom } from '../../../infra/constructs/table-from.ts';
import { WaybillFunction, type WaybillFunctionProps } from '../../../infra/constructs/waybill-function.ts';
import { createStack, ENTRY, SETTINGS_PARAMETER, settingsWith } from '../test-stack.ts';

const createFunction = (props: Partial<WaybillFunctionProps> = {}): WaybillFunction =>
  new WaybillFunction(createStack(), 'PlaceOrder', {
    entry: ENTRY,
    serviceName: 'place-order',
    settings: settingsWith(),
    ...props,
  });

const templateOf = (construct: WaybillFunction): Template => Template.fromStack(Stack.of(construct));

describe('WaybillFunction', () => {
  it('runs on Node 24 and arm64', () => {
    const template = templateOf(createFunction());

    template.hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Timeout: 30,
      MemorySize: 512,
    });
  });

  it('sets its service name for Powertools, and no options of Node, which would read the source map at each start', () => {
    const template = templateOf(createFunction({ settings: settingsWith({ logLevel: 'WARN' }) }));

    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          NODE_OPTIONS: Match.absent(),
          POWERTOOLS_SERVICE_NAME: 'place-order',
          POWERTOOLS_METRICS_NAMESPACE: 'Waybill/dev',
          POWERTOOLS_LOG_LEVEL: 'WARN',
          WAYBILL_TENANCY: 'none',
        },
      },
    });
  });

  it('logs JSON at the level of the settings into its own log group, which has a retention', () => {
    const template = templateOf(createFunction({ settings: settingsWith({ logLevel: 'WARN', logRetentionDays: 3 }) }));

    template.hasResourceProperties('AWS::Lambda::Function', {
      LoggingConfig: {
        LogFormat: 'JSON',
        ApplicationLogLevel: 'WARN',
        LogGroup: { Ref: Match.stringLikeRegexp('^PlaceOrderLogs') },
      },
    });
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 3 });
  });

  it('that follows the settings parameter can read only that parameter, and leaves its log level to its code', () => {
    const template = templateOf(createFunction({ settings: settingsWith({ logLevel: 'WARN' }), follows: 'default' }));

    template.hasResourceProperties('AWS::Lambda::Function', {
      LoggingConfig: { LogFormat: 'Text', ApplicationLogLevel: Match.absent() },
      Environment: {
        Variables: {
          POWERTOOLS_LOG_LEVEL: 'WARN',
          WAYBILL_SETTINGS_PARAMETER_NAME: '/waybill/default/settings',
        },
      },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([{ Effect: 'Allow', Action: 'ssm:GetParameter', Resource: SETTINGS_PARAMETER }]),
      },
    });
    // a deployment would overwrite what operations have set
    template.resourceCountIs('AWS::SSM::Parameter', 0);
  });

  it('keeps its log group if the settings retain data', () => {
    const template = templateOf(createFunction({ settings: settingsWith({ removalPolicy: 'retain' }) }));

    template.hasResource('AWS::Logs::LogGroup', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  it('can by default only write its own log', () => {
    const template = templateOf(createFunction());

    template.hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          {
            Effect: 'Allow',
            Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^PlaceOrderLogs'), 'Arn'] },
          },
        ],
      },
    });
  });

  it('is traced if the settings enable tracing', () => {
    const traced = templateOf(createFunction({ settings: settingsWith({ tracing: true }) }));
    const untraced = templateOf(createFunction());

    traced.hasResourceProperties('AWS::Lambda::Function', { TracingConfig: { Mode: 'Active' } });
    untraced.hasResourceProperties('AWS::Lambda::Function', { TracingConfig: Match.absent() });
  });

  it('is granted the given actions on a table, not on its indexes, and has a variable with its name', () => {
    const placeOrder = createFunction();
    const schema = { partitionKey: { name: 'orderId', type: 'S' } } as const;
    const orders = tableFrom(Stack.of(placeOrder), 'Orders', schema, settingsWith());

    placeOrder.useTable(orders, 'ORDERS_TABLE_NAME', ['GetItem', 'PutItem']);

    const template = templateOf(placeOrder);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { ORDERS_TABLE_NAME: { Ref: Match.stringLikeRegexp('^Orders') } } },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Effect: 'Allow',
            Action: ['dynamodb:GetItem', 'dynamodb:PutItem'],
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Orders'), 'Arn'] },
          },
        ]),
      },
    });
  });

  it.each<[string, ItemAction[], string[]]>([
    [
      'decrypt if it reads',
      ['GetItem', 'BatchGetItem', 'Query', 'ConditionCheckItem'],
      ['kms:Decrypt', 'kms:DescribeKey'],
    ],
    [
      'encrypt as well if it writes',
      ['GetItem', 'PutItem'],
      ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
    ],
  ])('can use the customer key of a table through DynamoDB only: %s', (_, actions, keyActions) => {
    const placeOrder = createFunction();
    const stack = Stack.of(placeOrder);
    const orders = new Table(stack, 'Orders', {
      partitionKey: { name: 'orderId', type: AttributeType.STRING },
      encryptionKey: new Key(stack, 'OrdersKey'),
    });

    placeOrder.useTable(orders, 'ORDERS_TABLE_NAME', actions);

    templateOf(placeOrder).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Effect: 'Allow',
            Action: keyActions,
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^OrdersKey'), 'Arn'] },
            Condition: {
              StringEquals: {
                'kms:ViaService': {
                  'Fn::Join': ['', ['dynamodb.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]],
                },
              },
            },
          },
        ]),
      },
    });
  });

  it('rejects all invalid props in one error', () => {
    const build = () =>
      createFunction({ entry: 'functions/nowhere.ts', memorySize: 99.5, environment: { POWERTOOLS_DEV: 'true' } });

    expect(build).toThrow(
      expect.objectContaining({
        code: 'WIRING_INVALID',
        message:
          "WaybillFunction 'Test/PlaceOrder' cannot be built:\n" +
          "  - entry 'functions/nowhere.ts' does not exist: write the path from the folder of cdk.json, such as 'functions/billing/index.ts'\n" +
          '  - memorySize must be a whole number of MiB from 128 to 10240, got 99.5\n' +
          '  - environment must not set variables that Waybill sets (WAYBILL_*, POWERTOOLS_*), got POWERTOOLS_DEV: choose other names',
      }),
    );
  });

  it.each(['functions/relay', 'package.json'])('rejects the entry %s, which is not a source file', (entry) => {
    expect(() => createFunction({ entry })).toThrow(
      `entry '${entry}' is no TypeScript or JavaScript file: write the path from the folder of cdk.json, such as 'functions/billing/index.ts'`,
    );
  });

  it('rejects a timeout that is known only at deployment', () => {
    const timeout = Duration.seconds(Lazy.number({ produce: () => 30 }));

    expect(() => createFunction({ timeout })).toThrow(
      expect.objectContaining({
        problems: ['timeout must be known at synth, because other values are derived from it: got a token'],
      }),
    );
  });
});
