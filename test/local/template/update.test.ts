import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/clock.ts';
import { AwsError } from '../../../local/endpoint/aws-error.ts';
import { checkAssembly, deploy } from '../../../local/template/deploy.ts';
import { createUpdates, type UpdateOptions } from '../../../local/template/update.ts';
import { recordingEngines } from './recording-engines.ts';
import { stacksOf } from './stacks-of.ts';

const ENVIRONMENT = { accountId: '000000000000', region: 'us-east-1' };

const QUEUE_URL = 'http://127.0.0.1:4566/000000000000/queue';

const CODE = new Map([
  ['one.zip', import.meta.dirname],
  ['two.zip', `${import.meta.dirname}/resources`],
]);

const NOTHING = { created: [], updated: [], replaced: [], deleted: [], retained: [], undeleted: [] };

type Resources = Readonly<Record<string, object>>;

const of = (Type: string, Properties: object = {}, more: object = {}) => ({ Type, Properties, ...more });

const ROLE = of('AWS::IAM::Role', { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] } });

const consumer = (properties: object = {}) =>
  of('AWS::Lambda::Function', {
    Code: { S3Bucket: 'assets', S3Key: 'one.zip' },
    Handler: 'index.handler',
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    Runtime: 'nodejs24.x',
    Environment: { Variables: { QUEUE_URL: { Ref: 'Queue' } } },
    ...properties,
  });

const HUB: Resources = { Queue: of('AWS::SQS::Queue', { VisibilityTimeout: 30 }), Role: ROLE, Billing: consumer() };

const assemblyOf = (templates: Parameters<typeof stacksOf>[0]) => checkAssembly(stacksOf(templates, CODE), ENVIRONMENT);

/** Fails that many calls of the operation. */
interface Refused {
  operation?: string;
  times?: number;
}

async function running(templates: Parameters<typeof stacksOf>[0], refused: Refused = {}) {
  const { engines, calls } = recordingEngines({ CreateQueue: { QueueUrl: QUEUE_URL } });
  const { sqs } = engines;
  const clock = createMovableClock(() => 0);
  const closing = new AbortController();
  const live = await deploy(assemblyOf(templates), {
    ...engines,
    sqs: {
      ...sqs,
      handle: async (operation, input, caller) => {
        if (operation === refused.operation && (refused.times ?? 0) > 0) {
          refused.times = (refused.times ?? 0) - 1;
          throw new AwsError('InvalidAttributeValue', 'The value is refused.');
        }
        return sqs.handle(operation, input, caller);
      },
    },
  });
  const updates = createUpdates(live, { clock, signal: closing.signal });
  calls.length = 0;
  return {
    calls,
    clock,
    live,
    underWay: updates.underWay,
    operations: () => calls.map(({ operation }) => operation),
    update: (next: Parameters<typeof stacksOf>[0], options?: UpdateOptions) =>
      updates.update(assemblyOf(next), options),
  };
}

const ORDERS = {
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  AttributeDefinitions: ['id', 'a', 'b'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
};

const index = (name: string) => ({
  IndexName: name,
  KeySchema: [{ AttributeName: name, KeyType: 'HASH' }],
  Projection: { ProjectionType: 'ALL' },
});

const hub = (Resources: Resources, more: object = {}) => ({ Hub: { Resources, ...more } });

describe('an update of a deployment', () => {
  it('changes nothing if the assembly is the same', async () => {
    const { calls, update } = await running(hub(HUB));

    expect(await update(hub(HUB))).toEqual(NOTHING);
    expect(calls).toEqual([]);
  });

  it('gives a function its new code, variables, memory and timeout, with references to what runs', async () => {
    const { calls, update } = await running(hub(HUB));

    const result = await update(
      hub({
        ...HUB,
        Billing: consumer({
          Code: { S3Bucket: 'assets', S3Key: 'two.zip' },
          Timeout: 9,
          MemorySize: 256,
          Environment: { Variables: { QUEUE_URL: { Ref: 'Queue' }, LEVEL: 'DEBUG' } },
        }),
      }),
    );

    expect(result).toEqual({ ...NOTHING, updated: ['Hub/Billing'] });
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

  it('ignores changes without effect in a local run', async () => {
    const { update, calls } = await running(hub(HUB));

    expect(await update(hub({ ...HUB, Billing: consumer({ Description: 'sends invoices' }) }))).toEqual(NOTHING);
    expect(calls).toEqual([]);
  });

  it('creates new resources after their dependencies, and finally deletes removed ones, dependents first', async () => {
    const { operations, update } = await running(hub({ Old: of('AWS::S3::Bucket', { BucketName: 'old' }) }));

    const result = await update(
      hub({
        Second: of('AWS::SQS::Queue', { QueueName: 'second' }, { DependsOn: 'Bus' }),
        Bus: of('AWS::Events::EventBus', { Name: { Ref: 'First' } }),
        First: of('AWS::S3::Bucket', { BucketName: 'first' }),
      }),
    );

    expect(result).toEqual({ ...NOTHING, created: ['Hub/First', 'Hub/Bus', 'Hub/Second'], deleted: ['Hub/Old'] });
    expect(operations()).toEqual(['PUT s3:/first', 'CreateEventBus', 'CreateQueue', 'DELETE s3:/old']);
  });

  it('deletes removed resources, each before its dependencies', async () => {
    const { operations, update } = await running(
      hub({
        First: of('AWS::S3::Bucket', { BucketName: 'first' }),
        Bus: of('AWS::Events::EventBus', { Name: { Ref: 'First' } }),
        Second: of('AWS::SQS::Queue', { QueueName: 'second' }, { DependsOn: 'Bus' }),
      }),
    );

    expect(await update(hub({}))).toEqual({ ...NOTHING, deleted: ['Hub/Second', 'Hub/Bus', 'Hub/First'] });
    expect(operations()).toEqual(['DeleteQueue', 'DeleteEventBus', 'DELETE s3:/first']);
  });

  it('replaces a resource that cannot change in place, updates its references, then deletes the old one', async () => {
    const table = (keyName: string) =>
      of('AWS::DynamoDB::Table', {
        KeySchema: [{ AttributeName: keyName, KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: keyName, AttributeType: 'S' }],
      });
    const billing = consumer({ Environment: { Variables: { TABLE: { Ref: 'Orders' } } } });
    const { calls, live, update } = await running(hub({ Role: ROLE, Orders: table('id'), Billing: billing }));
    const [before] = live.describe().tables;

    const result = await update(hub({ Role: ROLE, Orders: table('orderId'), Billing: billing }));

    const [after] = live.describe().tables;
    expect(result).toEqual({
      ...NOTHING,
      replaced: ['Hub/Orders'],
      updated: ['Hub/Billing'],
      deleted: ['Hub/Orders'],
    });
    expect(after?.tableName).not.toBe(before?.tableName);
    expect(calls).toMatchObject([
      { operation: 'CreateTable' },
      { operation: 'updateFunction' },
      { operation: 'DeleteTable', input: { TableName: before?.tableName } },
    ]);
  });

  it('chooses the order of independent steps by seed', async () => {
    const queues = Object.fromEntries(
      ['A', 'B', 'C', 'D'].map((id) => [id, of('AWS::SQS::Queue', { QueueName: id.toLowerCase() })]),
    );
    const orderOf = async (seed: number) => {
      const { update } = await running(hub({}));
      return (await update(hub(queues), { seed })).created.join(' ');
    };

    expect(await orderOf(7)).toBe(await orderOf(7));
    const orders = new Set(await Promise.all([1, 2, 3, 4, 5, 6].map(orderOf)));
    expect(orders.size).toBeGreaterThan(1);
  });

  it("lets time pass between two steps, on the run's clock", async () => {
    const { calls, clock, live, underWay, update } = await running(hub({}));
    const queues = { A: of('AWS::SQS::Queue', { QueueName: 'a' }), B: of('AWS::SQS::Queue', { QueueName: 'b' }) };

    const done = update(hub(queues), { pace: 60_000 });
    await new Promise(setImmediate);

    expect(calls).toHaveLength(1);
    expect(live.describe().queues).toHaveLength(1);
    expect(underWay()).toBe('Hub');
    clock.advance(60_000);
    await done;
    expect(live.describe().queues).toHaveLength(2);
    expect(underWay()).toBeUndefined();
  });

  it('retains resources by their policies, and no longer manages them', async () => {
    const kept = of('AWS::SQS::Queue', { QueueName: 'kept' }, { DeletionPolicy: 'Retain' });
    const { calls, live, update } = await running(hub({ Kept: kept }));

    expect(await update(hub({}))).toEqual({ ...NOTHING, retained: ['Hub/Kept'] });
    expect(calls).toEqual([]);
    expect(live.describe().queues).toEqual([]);
    await expect(update(hub({ Kept: kept }))).rejects.toThrow(
      "Hub/Kept (AWS::SQS::Queue): TypeError: 'kept' already exists: Hub/Kept has that name, too; stack Hub is back at what it was before",
    );
  });

  it('leaves a resource that cannot be deleted, with the reason', async () => {
    const { update } = await running(hub({ Queue: of('AWS::SQS::Queue') }), { operation: 'DeleteQueue', times: 1 });

    expect((await update(hub({}))).undeleted).toEqual([
      `Hub/Queue (AWS::SQS::Queue) ${QUEUE_URL}: DELETE_FAILED, InvalidAttributeValue: The value is refused.`,
    ]);
  });

  it('passes the outputs of one stack to the next', async () => {
    const shop = { Shop: { Resources: { Bus: of('AWS::Events::EventBus', { Name: { 'Fn::ImportValue': 'name' } }) } } };
    const exporting = (Value: string) => ({ Outputs: { Name: { Value, Export: { Name: 'name' } } } });
    const { live, update } = await running({ ...hub({}, exporting('one')), Shop: {} });

    await update({ ...hub({}, exporting('two')), ...shop });

    expect(live.describe().buses).toMatchObject([{ busName: 'two' }]);
    expect(live.describe().outputs.get('Hub')).toEqual(new Map([['Name', 'two']]));
  });

  it('keeps a stack that is no longer in the assembly, as cdk deploy does', async () => {
    const { live, update } = await running({ ...hub(HUB), Shop: { Resources: { Queue: of('AWS::SQS::Queue') } } });

    expect(await update(hub(HUB))).toEqual(NOTHING);
    expect(live.describe().queues).toHaveLength(2);
  });
});

describe('an update that fails', () => {
  const next = hub({
    ...HUB,
    More: of('AWS::S3::Bucket', { BucketName: 'more' }),
    Billing: consumer({ Timeout: 9, Environment: { Variables: { BUCKET: { Ref: 'More' } } } }),
    Queue: of('AWS::SQS::Queue', { VisibilityTimeout: 60 }, { DependsOn: 'Billing' }),
  });

  it('is rolled back: updated resources get their old properties, created ones are deleted', async () => {
    const refused: Refused = {};
    const { calls, live, update } = await running(hub(HUB), refused);
    const before = live.describe();
    Object.assign(refused, { operation: 'SetQueueAttributes', times: 1 });

    await expect(update(next)).rejects.toMatchObject({
      code: 'LOCAL_DEPLOYMENT_FAILED',
      stackName: 'Hub',
      logicalId: 'Queue',
      rollback: { state: 'UPDATE_ROLLBACK_COMPLETE', problems: [], undeleted: [] },
      message:
        'Hub/Queue (AWS::SQS::Queue): InvalidAttributeValue: The value is refused.; stack Hub is back at what it was before',
    });
    expect(calls).toMatchObject([
      { operation: 'PUT s3:/more' },
      { operation: 'updateFunction', input: { timeoutSeconds: 9 } },
      { operation: 'SetQueueAttributes', input: { Attributes: { VisibilityTimeout: '30' } } },
      { operation: 'updateFunction', input: { timeoutSeconds: 3, environment: { QUEUE_URL } } },
      { operation: 'DELETE s3:/more' },
    ]);
    expect(live.describe()).toEqual(before);
  });

  it('uses the replaced resource again', async () => {
    const refused: Refused = {};
    const named = (QueueName: string, VisibilityTimeout = 30) => ({
      Named: of('AWS::S3::Bucket', { BucketName: QueueName }),
      Queue: of('AWS::SQS::Queue', { VisibilityTimeout }, { DependsOn: 'Named' }),
    });
    const { operations, live, update } = await running(hub(named('old')), refused);
    const before = live.describe();
    Object.assign(refused, { operation: 'SetQueueAttributes', times: 1 });

    await expect(update(hub(named('new', 60)))).rejects.toMatchObject({
      rollback: { state: 'UPDATE_ROLLBACK_COMPLETE' },
    });

    expect(operations()).toEqual(['PUT s3:/new', 'SetQueueAttributes', 'DELETE s3:/new']);
    expect(live.describe()).toEqual(before);
  });

  it('retains a resource that it created only if the policy also applies to new ones', async () => {
    const refused: Refused = {};
    const { live, operations, update } = await running(hub({}), refused);
    Object.assign(refused, { operation: 'CreateQueue', times: 1 });
    const bucket = (BucketName: string, DeletionPolicy: string) =>
      of('AWS::S3::Bucket', { BucketName }, { DeletionPolicy });

    await expect(
      update(
        hub({
          Kept: bucket('kept', 'Retain'),
          Gone: bucket('gone', 'RetainExceptOnCreate'),
          Queue: of('AWS::SQS::Queue', {}, { DependsOn: ['Kept', 'Gone'] }),
        }),
      ),
    ).rejects.toMatchObject({ rollback: { state: 'ROLLBACK_COMPLETE', undeleted: [] } });

    expect(operations().filter((operation) => operation.startsWith('DELETE'))).toEqual(['DELETE s3:/gone']);
    expect(live.describe().resources).toEqual([]);
  });

  it('names resources that were not rolled back, and prevents further updates', async () => {
    const refused: Refused = {};
    const { update } = await running(hub(HUB), refused);
    Object.assign(refused, { operation: 'SetQueueAttributes', times: 2 });

    await expect(update(next)).rejects.toThrow(
      'UPDATE_ROLLBACK_FAILED: stack Hub is partly updated and takes no update any more; Hub/Queue (AWS::SQS::Queue): InvalidAttributeValue: The value is refused.',
    );
    await expect(update(hub(HUB))).rejects.toMatchObject({
      code: 'LOCAL_TEMPLATE_REFUSED',
      problems: [
        'Hub: takes no update after UPDATE_ROLLBACK_FAILED (Hub/Queue (AWS::SQS::Queue): InvalidAttributeValue: The value is refused.); start anew',
      ],
    });
  });

  it('deletes nothing if its rollback fails, because remaining resources may refer to new ones', async () => {
    const refused: Refused = {};
    const { update, operations, live } = await running(hub(HUB), refused);
    Object.assign(refused, { operation: 'SetQueueAttributes', times: 2 });

    await expect(update(next)).rejects.toMatchObject({
      rollback: {
        state: 'UPDATE_ROLLBACK_FAILED',
        undeleted: ['Hub/More (AWS::S3::Bucket) more: it stays, since the rollback has failed'],
      },
    });

    expect(operations().filter((operation) => operation.startsWith('DELETE'))).toEqual([]);
    expect(live.describe().resources.map(({ physicalId }) => physicalId)).toContain('more');
  });

  it('leaves earlier stacks updated, as cdk deploy does', async () => {
    const refused: Refused = {};
    const both = (first: string, VisibilityTimeout: number) => ({
      ...hub({ First: of('AWS::S3::Bucket', { BucketName: first }) }),
      Shop: { Resources: { Queue: of('AWS::SQS::Queue', { VisibilityTimeout }) } },
    });
    const { live, update } = await running(both('old', 30), refused);
    Object.assign(refused, { operation: 'SetQueueAttributes', times: 1 });

    await expect(update(both('new', 60))).rejects.toMatchObject({ stackName: 'Shop', updatedStacks: ['Hub'] });
    expect(live.describe().resources).toMatchObject([{ physicalId: 'new' }, { logicalId: 'Queue' }]);
  });

  it.each([
    ['another value', { Outputs: { Name: { Value: 'new' } } }],
    ['no value any more', {}],
  ])('restores its old values if a stack that stays updated now gives %s', async (_, more) => {
    const refused: Refused = {};
    const name = { 'Fn::GetStackOutput': { StackName: 'Hub', OutputName: 'Name' } };
    const shop = (VisibilityTimeout: number, BucketName: unknown) => ({
      Resources: {
        Named: of('AWS::Events::EventBus', { Name: 'shop', Tags: [{ Key: 'of', Value: BucketName }] }),
        Queue: of('AWS::SQS::Queue', { VisibilityTimeout }, { DependsOn: 'Role' }),
        Role: of('AWS::IAM::Role', {
          AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] },
          RoleName: BucketName,
        }),
      },
    });
    const before = { ...hub({}, { Outputs: { Name: { Value: 'old' } } }), Shop: shop(30, name) };
    const { live, update } = await running(before, refused);
    const resources = live.describe().resources;
    Object.assign(refused, { operation: 'SetQueueAttributes', times: 1 });

    await expect(update({ ...hub({}, more), Shop: shop(60, 'newer') })).rejects.toMatchObject({
      stackName: 'Shop',
      rollback: { state: 'UPDATE_ROLLBACK_COMPLETE', problems: [] },
    });

    expect(live.describe().resources).toEqual(resources);
  });

  it('of a new stack leaves nothing of it', async () => {
    const refused: Refused = {};
    const { live, operations, update } = await running(hub({}), refused);
    Object.assign(refused, { operation: 'CreateQueue', times: 1 });
    const shop = {
      Bucket: of('AWS::S3::Bucket', { BucketName: 'b' }, { DeletionPolicy: 'RetainExceptOnCreate' }),
      Queue: of('AWS::SQS::Queue', {}, { DependsOn: 'Bucket' }),
    };

    await expect(update({ ...hub({}), Shop: { Resources: shop } })).rejects.toMatchObject({
      rollback: { state: 'ROLLBACK_COMPLETE' },
    });
    expect(operations()).toEqual(['PUT s3:/b', 'DELETE s3:/b']);
    expect([...live.describe().outputs.keys()]).toEqual(['Hub']);
  });
});

describe('an update that CloudFormation would not make is refused before anything is touched', () => {
  const refusalOf = async (before: Parameters<typeof stacksOf>[0], after: Parameters<typeof stacksOf>[0]) => {
    const { calls, update } = await running(before);
    const error: unknown = await update(after).catch((reason: unknown) => reason);
    expect(calls).toEqual([]);
    return error;
  };

  it('when a resource with a name of its own has to be replaced', async () => {
    const queue = (FifoQueue: boolean) => hub({ Queue: of('AWS::SQS::Queue', { QueueName: 'q.fifo', FifoQueue }) });

    expect(await refusalOf(queue(false), queue(true))).toMatchObject({
      code: 'LOCAL_TEMPLATE_REFUSED',
      message: expect.stringMatching(/^the update cannot be made, 1 problem:/),
      problems: [
        "Hub/Queue (AWS::SQS::Queue): a change of 'FifoQueue' replaces it, and CloudFormation cannot update a stack when a custom-named resource requires replacing; change property 'QueueName', which is 'q.fifo', or leave it out",
      ],
    });
  });

  it('when a resource has to be replaced because a resource it refers to is replaced', async () => {
    const archive = (Name: string) =>
      hub({
        Bus: of('AWS::Events::EventBus', { Name }),
        Archive: of('AWS::Events::Archive', { ArchiveName: 'all', SourceArn: { 'Fn::GetAtt': ['Bus', 'Arn'] } }),
      });

    expect(await refusalOf(archive('one'), archive('two'))).toMatchObject({
      problems: [expect.stringMatching(/^Hub\/Archive \(AWS::Events::Archive\): a change of 'SourceArn' replaces it/)],
    });
  });

  it('when a logical id becomes a resource of another type', async () => {
    expect(await refusalOf(hub({ It: of('AWS::SQS::Queue') }), hub({ It: of('AWS::SNS::Topic') }))).toMatchObject({
      problems: [
        'Hub/It (AWS::SNS::Topic): was a resource of type AWS::SQS::Queue, and CloudFormation changes no type; give the construct another id',
      ],
    });
  });

  it('when an export that another stack imports changes or is deleted', async () => {
    const exporting = (Value: string, Name = 'name') => hub({}, { Outputs: { Name: { Value, Export: { Name } } } });
    const Shop = { Resources: { Bus: of('AWS::Events::EventBus', { Name: { 'Fn::ImportValue': 'name' } }) } };
    const before = { ...exporting('one'), Shop };

    expect(await refusalOf(before, { ...exporting('two'), Shop })).toMatchObject({
      problems: [
        "Hub: export 'name' cannot be updated while Shop imports it; keep it, and first deploy Shop without the import",
      ],
    });
    expect(await refusalOf(before, { ...exporting('one', 'other'), Shop: { Resources: {} } })).toMatchObject({
      problems: [
        "Hub: export 'name' cannot be deleted while Shop imports it; keep it, and first deploy Shop without the import",
      ],
    });
  });

  it('while another update is running', async () => {
    const { clock, update } = await running(hub({}));
    const queues = { A: of('AWS::SQS::Queue', { QueueName: 'a' }), B: of('AWS::SQS::Queue', { QueueName: 'b' }) };
    const first = update(hub(queues), { pace: 1000 });
    await new Promise(setImmediate);

    await expect(update(hub({}))).rejects.toMatchObject({
      problems: ['Hub: is being updated, and takes no other update meanwhile; wait until that is done'],
    });
    clock.advance(1000);
    await first;
  });

  it.each([
    [
      'two indexes of a table at once',
      { GlobalSecondaryIndexes: [index('a'), index('b')] },
      "property 'GlobalSecondaryIndexes' would add 'a' and add 'b'; a deployment adds or removes one index of a table, so deploy them one after another",
    ],
    [
      'time to live by another attribute',
      { TimeToLiveSpecification: { AttributeName: 'later', Enabled: true } },
      "property 'TimeToLiveSpecification' moves from 'expiresAt' to 'later'; first deploy it switched off, then on with the other attribute",
    ],
  ])('for %s', async (_what, change, problem) => {
    const table = (more: object) => hub({ Orders: of('AWS::DynamoDB::Table', { ...ORDERS, ...more }) });

    expect(await refusalOf(table({}), table(change))).toMatchObject({
      problems: [`Hub/Orders (AWS::DynamoDB::Table): ${problem}`],
    });
  });
});
