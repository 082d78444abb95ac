import { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { AttributeType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { ContainerImage, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { type IGrantable, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as Handler, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { describe, expect, it } from 'vitest';
import { EventConsumer } from '../../../infra/constructs/event-consumer.ts';
import { EventHub } from '../../../infra/constructs/event-hub.ts';
import { grantItems } from '../../../infra/constructs/grantee.ts';
import { defineSubscription } from '../../../lib/definitions/index.ts';
import {
  createAppWith,
  createHub,
  createStack,
  ENTRY,
  OrderCancelled,
  OrderPlaced,
  settingsWith,
} from '../test-stack.ts';

const VARIABLES = {
  WAYBILL_OUTBOX_RETENTION_SECONDS: '1555200',
  WAYBILL_OUTBOX_TABLE_NAME: { Ref: Match.stringLikeRegexp('^HubOutbox') },
  WAYBILL_PENDING_TABLE_NAME: { Ref: Match.stringLikeRegexp('^HubPending') },
  WAYBILL_TENANCY: 'none',
  WAYBILL_COMPRESS_EVENTS: 'true',
  WAYBILL_EVENT_INDEXES: 'all',
};

const STATEMENTS = [
  {
    Effect: 'Allow',
    Action: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^HubOutbox'), 'Arn'] },
  },
  {
    Effect: 'Allow',
    Action: 'dynamodb:PutItem',
    Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^HubPending'), 'Arn'] },
  },
];

const IRELAND = { account: '111122223333', region: 'eu-west-1' };

const inlineFunction = (scope: Stack, id = 'Checkout'): Handler =>
  new Handler(scope, id, {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => {}'),
    environment: { STAGE: 'dev' },
  });

describe('grantPublish', () => {
  it('lets a function publish that is not a WaybillFunction, and keeps its existing variables', () => {
    const stack = createStack();
    const checkout = new NodejsFunction(stack, 'Checkout', { entry: ENTRY, environment: { STAGE: 'dev' } });

    createHub(stack).grantPublish(checkout, [OrderPlaced]);

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { STAGE: 'dev', ...VARIABLES } },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^CheckoutServiceRole') }],
      PolicyDocument: { Statement: STATEMENTS },
    });
  });

  it('sets the variables of the function behind an alias or a version', () => {
    const stack = createStack();
    const checkout = inlineFunction(stack);

    createHub(stack).grantPublish(checkout.addAlias('live'), [OrderPlaced]);

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { STAGE: 'dev', ...VARIABLES } },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^CheckoutServiceRole') }],
      PolicyDocument: { Statement: STATEMENTS },
    });
  });

  it('lets a container task publish, which takes the variables from publisherEnvironment', () => {
    const stack = createStack();
    const hub = createHub(stack);
    const task = new FargateTaskDefinition(stack, 'Task');

    hub.grantPublish(task.taskRole, [OrderPlaced]);
    task.addContainer('App', {
      image: ContainerImage.fromRegistry('registry.example.com/app'),
      environment: hub.publisherEnvironment(),
    });

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^TaskTaskRole') }],
      PolicyDocument: { Statement: STATEMENTS },
    });
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          Environment: Object.entries(VARIABLES).map(([Name, Value]) => ({ Name, Value })),
        }),
      ],
    });
  });

  it('lets an imported role of the account publish', () => {
    const stack = new Stack(createAppWith(), 'Test', { env: IRELAND });
    const role = Role.fromRoleArn(stack, 'Legacy', 'arn:aws:iam::111122223333:role/legacy');

    createHub(stack).grantPublish(role, [OrderPlaced]);

    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      Roles: ['legacy'],
      PolicyDocument: { Statement: STATEMENTS },
    });
  });

  it('warns with the statements to attach if the policies of the role are not to be changed', () => {
    const stack = new Stack(createAppWith(), 'Test', { env: IRELAND });
    const role = Role.fromRoleArn(stack, 'Legacy', 'arn:aws:iam::111122223333:role/legacy', { mutable: false });
    const key = new Key(stack, 'Key');
    const table = new Table(stack, 'Orders', {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
    });

    createHub(stack).grantPublish(role, [OrderPlaced]);
    grantItems(role, table, ['GetItem']);

    const told = Annotations.fromStack(stack)
      .findWarning(`/${role.node.path}`, Match.stringLikeRegexp('adds no rights'))
      .map(({ entry }) => String(entry.data));
    expect(told).toStrictEqual([
      expect.stringContaining(
        `this app adds no rights to '${role.node.path}', whose policies it may not change: add {"Effect":"Allow","Action":["dynamodb:BatchGetItem","dynamodb:GetItem","dynamodb:PutItem","dynamodb:UpdateItem"],"Resource":["<ARN of 'Test/Hub/Outbox'>"]} to its policies by hand, or import the role without mutable: false`,
      ),
      expect.stringContaining(
        `add {"Effect":"Allow","Action":["dynamodb:PutItem"],"Resource":["<ARN of 'Test/Hub/Pending'>"]} to`,
      ),
      expect.stringContaining(
        `add {"Effect":"Allow","Action":["dynamodb:GetItem"],"Resource":["<ARN of 'Test/Orders'>"]} and {"Effect":"Allow","Action":["kms:Decrypt","kms:DescribeKey"],"Resource":"<ARN of the key of 'Test/Orders'>","Condition":{"StringEquals":{"kms:ViaService":"dynamodb.<region>.amazonaws.com"}}} to`,
      ),
    ]);
  });

  it('warns of no missing rights of a role to which this app adds them', () => {
    const stack = new Stack(createAppWith(), 'Test', { env: IRELAND });
    const role = Role.fromRoleArn(stack, 'Legacy', 'arn:aws:iam::111122223333:role/legacy');

    const hub = createHub(stack);
    hub.grantPublish(role, [OrderPlaced]);
    hub.grantPublish(inlineFunction(stack), [OrderPlaced]);
    hub.grantPublish(new FargateTaskDefinition(stack, 'Task').taskRole, [OrderPlaced]);

    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('adds no rights'));
  });

  it('lets a role of a stack in another region publish, since a role has no region', () => {
    const app = createAppWith();
    const global = new Stack(app, 'Global', { env: { ...IRELAND, region: 'us-east-1' } });
    const role = new Role(global, 'Role', {
      roleName: 'checkout',
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
    });
    const stack = new Stack(app, 'Test', { env: IRELAND, crossRegionReferences: true });

    expect(() => createHub(stack).grantPublish(role, [OrderPlaced])).not.toThrow();
  });

  it('counts as a producer: what it declares may be subscribed to', () => {
    const stack = createStack();
    const hub = createHub(stack);
    const subscription = defineSubscription({ name: 'billing', events: [OrderPlaced] });
    new EventConsumer(stack, 'Billing', { hub, subscription, entry: ENTRY });
    const checkout = inlineFunction(stack);

    hub.grantPublish(checkout, [OrderPlaced, OrderCancelled]);

    Annotations.fromStack(stack).hasWarning(
      '/Test/Checkout',
      Match.stringLikeRegexp(
        "'com.example.order.cancelled' from '/orders' is published here but no consumer on the hub subscribes to it",
      ),
    );
  });

  const refusalOf = (publisher: (stack: Stack) => IGrantable): unknown => {
    const stack = new Stack(createAppWith(), 'Test', { env: IRELAND });
    const hub = new EventHub(stack, 'Hub', { settings: settingsWith() });
    try {
      hub.grantPublish(publisher(stack), [OrderPlaced]);
      return undefined;
    } catch (error) {
      return error;
    }
  };

  it('rejects a function with an unknown role, because the grants would silently be missing', () => {
    const arn = 'arn:aws:lambda:eu-west-1:111122223333:function:checkout';

    expect(refusalOf((stack) => Handler.fromFunctionArn(stack, 'Checkout', arn))).toMatchObject({
      code: 'WIRING_INVALID',
      message:
        "grantPublish to 'Test/Checkout' cannot be built:\n" +
        '  - the publisher must have a role to which this app can add rights, got none: grant to the role (Role.fromRoleArn, or Function.fromFunctionAttributes with its role); if its rights are given elsewhere, declare its events with hub.registerProducer',
    });
  });

  it('rejects a principal without a role', () => {
    expect(refusalOf(() => new ServicePrincipal('ecs-tasks.amazonaws.com'))).toMatchObject({
      message:
        "grantPublish to 'ServicePrincipal(ecs-tasks.amazonaws.com)' cannot be built:\n" +
        '  - the publisher must have a role to which this app can add rights, got none: grant to the role (Role.fromRoleArn, or Function.fromFunctionAttributes with its role); if its rights are given elsewhere, declare its events with hub.registerProducer',
    });
  });

  it('rejects a role of another account, because CDK cannot add grants to it', () => {
    const arn = 'arn:aws:iam::444455556666:role/legacy';

    expect(refusalOf((stack) => Role.fromRoleArn(stack, 'Legacy', arn))).toMatchObject({
      message:
        "grantPublish to 'Test/Legacy' cannot be built:\n" +
        "  - the publisher must be in the account of its hub 'Test/Hub', 111122223333, since a transaction stays in one account, got 444455556666: publish through a function or service of account 111122223333",
    });
  });

  it('rejects a function of another region', () => {
    const virginia = { ...IRELAND, region: 'us-east-1' };

    expect(refusalOf((stack) => inlineFunction(new Stack(stack.node.root, 'Global', { env: virginia })))).toMatchObject(
      {
        message: expect.stringContaining(
          "the stack of a function that publishes must be in the region of its hub 'Test/Hub', eu-west-1, since a transaction stays in one region, got us-east-1",
        ),
      },
    );
  });

  it('warns if the function belongs to another app, which has to set the variables', () => {
    const stack = createStack();
    const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const functionArn = 'arn:aws:lambda:eu-west-1:111122223333:function:checkout';
    const checkout = Handler.fromFunctionAttributes(stack, 'Checkout', { functionArn, role });

    createHub(stack).grantPublish(checkout, [OrderPlaced]);

    Annotations.fromStack(stack).hasWarning(
      '/Test/Checkout',
      'this app does not define the function and cannot set its variables: set those of hub.publisherEnvironment() where it is defined (WAYBILL_OUTBOX_RETENTION_SECONDS, WAYBILL_OUTBOX_TABLE_NAME, WAYBILL_PENDING_TABLE_NAME, WAYBILL_TENANCY, WAYBILL_COMPRESS_EVENTS, WAYBILL_EVENT_INDEXES) [ack: waybill:variables-not-set]',
    );
  });
});

describe('grantItems', () => {
  it('grants an existing function access to a table with a customer key, and to the key through DynamoDB only', () => {
    const stack = createStack();
    const orders = new Table(stack, 'Orders', {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      encryption: TableEncryption.CUSTOMER_MANAGED,
    });
    const checkout = inlineFunction(stack);
    checkout.addToRolePolicy(new PolicyStatement({ actions: ['sns:Publish'], resources: ['*'] }));

    grantItems(checkout, orders, ['PutItem']);

    const attribute = (id: string) => ({ 'Fn::GetAtt': [Match.stringLikeRegexp(id), 'Arn'] });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Effect: 'Allow',
            Action: [
              'kms:Decrypt',
              'kms:DescribeKey',
              'kms:Encrypt',
              'kms:GenerateDataKey',
              'kms:ReEncryptFrom',
              'kms:ReEncryptTo',
            ],
            Resource: attribute('^OrdersKey'),
            Condition: {
              StringEquals: {
                'kms:ViaService': {
                  'Fn::Join': ['', ['dynamodb.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]],
                },
              },
            },
          },
          { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: attribute('^Orders') },
        ]),
      },
    });
  });
});
