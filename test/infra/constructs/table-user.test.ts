import { Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { ContainerImage, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { type IGrantable, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, Function as Handler, Runtime } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, it } from 'vitest';
import { LinkTable } from '../../../infra/constructs/link-table.ts';
import { ReadModel } from '../../../infra/constructs/read-model.ts';
import { defineSubscription } from '../../../lib/definitions/index.ts';
import { createReaderRuntime } from '../../../lib/runtime/reader-runtime.ts';
import { createAppWith, createHub, ENTRY, OrderPlaced, settingsWith } from '../test-stack.ts';

const IRELAND = { account: '111122223333', region: 'eu-west-1' };

const inlineFunction = (scope: Stack): Handler =>
  new Handler(scope, 'Search', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => {}'),
    environment: { STAGE: 'dev' },
  });

function deploy() {
  const stack = new Stack(createAppWith(), 'Test', { env: IRELAND });
  const hub = createHub(stack, { settings: settingsWith({ tenancy: 'required' }) });
  hub.registerProducer(stack, [OrderPlaced]);
  const view = new ReadModel(stack, 'View', {
    hub,
    projection: {
      name: 'overview',
      kind: 'items',
      subscription: defineSubscription({ name: 'overview', events: [OrderPlaced], startFrom: 'horizon' }),
      view: {
        partitionKey: { name: 'orderId', type: 'S' },
        indexes: [{ name: 'byStatus', partitionKey: { name: 'status', type: 'S' } }],
      },
    },
    entry: ENTRY,
    rebuildEntry: ENTRY,
  });
  const links = new LinkTable(stack, 'Links', { settings: hub.settings });
  return { stack, view, links };
}

type Deployed = ReturnType<typeof deploy>;

const arnOf = (id: string) => ({ 'Fn::GetAtt': [Match.stringLikeRegexp(id), 'Arn'] });
const indexOf = (id: string, index: string) => ({ 'Fn::Join': ['', [arnOf(id), `/index/${index}`]] });
const allow = (action: string, resource: unknown) => ({ Effect: 'Allow', Action: action, Resource: resource });

const GRANTS = {
  grantQuery: {
    grant: ({ view }: Deployed, user: IGrantable) => view.grantQuery(user, { items: true, indexes: ['byStatus'] }),
    environment: ({ view }: Deployed) => view.readerEnvironment(),
    variables: {
      WAYBILL_VIEW_TABLE_NAME: { Ref: Match.stringLikeRegexp('^ViewTable') },
      WAYBILL_PROJECTION_STATE_TABLE_NAME: { Ref: Match.stringLikeRegexp('^ViewState') },
      WAYBILL_TENANCY: 'required',
    },
    statements: [
      allow('dynamodb:GetItem', arnOf('^ViewState')),
      allow('dynamodb:GetItem', arnOf('^ViewTable')),
      allow('dynamodb:Query', indexOf('^ViewTable', 'byStatus')),
    ],
    source: 'readModel.readerEnvironment()',
    table: 'Test/View/Table',
  },
  grantUse: {
    grant: ({ links }: Deployed, user: IGrantable) => links.grantUse(user, ['findByEntity']),
    environment: ({ links }: Deployed) => links.userEnvironment(),
    variables: {
      WAYBILL_LINKS_TABLE_NAME: { Ref: Match.stringLikeRegexp('^LinksTable') },
      WAYBILL_TENANCY: 'required',
    },
    statements: [
      allow('dynamodb:Query', arnOf('^LinksTable')),
      allow('dynamodb:Query', indexOf('^LinksTable', 'byTarget')),
    ],
    source: 'links.userEnvironment()',
    table: 'Test/Links/Table',
  },
} as const;

describe.each(Object.entries(GRANTS))('%s', (method, { grant, environment, variables, statements, source, table }) => {
  it('takes a function that is not a WaybillFunction, and keeps its existing variables', () => {
    const deployed = deploy();

    grant(deployed, inlineFunction(deployed.stack));

    const template = Template.fromStack(deployed.stack);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { STAGE: 'dev', ...variables } },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^SearchServiceRole') }],
      PolicyDocument: { Statement: statements },
    });
  });

  it('takes the role of a container task, whose variables are exported', () => {
    const deployed = deploy();
    const task = new FargateTaskDefinition(deployed.stack, 'Task');

    grant(deployed, task.taskRole);
    task.addContainer('App', {
      image: ContainerImage.fromRegistry('registry.example.com/app'),
      environment: environment(deployed),
    });

    const template = Template.fromStack(deployed.stack);
    template.hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('^TaskTaskRole') }],
      PolicyDocument: { Statement: statements },
    });
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({ Environment: Object.entries(variables).map(([Name, Value]) => ({ Name, Value })) }),
      ],
    });
  });

  it('exports all variables that the runtime of a reader needs', () => {
    expect(() => createReaderRuntime(environment(deploy()))).not.toThrow();
  });

  it('warns about a function of another app, whose variables it cannot set', () => {
    const deployed = deploy();
    const role = new Role(deployed.stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const functionArn = 'arn:aws:lambda:eu-west-1:111122223333:function:search';

    grant(deployed, Handler.fromFunctionAttributes(deployed.stack, 'Search', { functionArn, role }));

    Annotations.fromStack(deployed.stack).hasWarning(
      '/Test/Search',
      Match.stringLikeRegexp(`set those of ${source.replace('()', '\\(\\)')} where it is defined`),
    );
  });

  const refusalOf = (userOf: (stack: Stack) => IGrantable): unknown => {
    const deployed = deploy();
    try {
      return grant(deployed, userOf(deployed.stack));
    } catch (error) {
      return error;
    }
  };

  it('rejects a function with an unknown role, because the grants would silently be missing', () => {
    const arn = 'arn:aws:lambda:eu-west-1:111122223333:function:search';

    expect(refusalOf((stack) => Handler.fromFunctionArn(stack, 'Search', arn))).toMatchObject({
      code: 'WIRING_INVALID',
      message: `${method} to 'Test/Search' cannot be built:\n  - the user must have a role to which this app can add rights, got none: grant to the role (Role.fromRoleArn, or Function.fromFunctionAttributes with its role)`,
    });
  });

  it('rejects a role of another account and a function of another region', () => {
    const legacy = 'arn:aws:iam::444455556666:role/legacy';
    const virginia = { ...IRELAND, region: 'us-east-1' };

    expect(refusalOf((stack) => Role.fromRoleArn(stack, 'Legacy', legacy))).toMatchObject({
      message: `${method} to 'Test/Legacy' cannot be built:\n  - the user must be in the account of the table '${table}', 111122223333, since code names the table without its account, got 444455556666: use it through a function or service of account 111122223333`,
    });
    expect(refusalOf((stack) => inlineFunction(new Stack(stack.node.root, 'Global', { env: virginia })))).toMatchObject(
      {
        message: `${method} to 'Global/Search' cannot be built:\n  - the stack of a function that uses it must be in the region of the table '${table}', eu-west-1, since code names the table without its region, got us-east-1: give both stacks the same env, or use it from a function there`,
      },
    );
  });
});
