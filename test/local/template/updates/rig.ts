import { createBusTargets } from '../../../../local/bus-targets.ts';
import { createMovableClock } from '../../../../local/clock.ts';
import { createDynamoDb } from '../../../../local/dynamodb/dynamodb.ts';
import { AwsError } from '../../../../local/endpoint/aws-error.ts';
import { type JsonObject, type JsonService, USER } from '../../../../local/endpoint/service.ts';
import {
  createEventBridge,
  type EventBridge,
  type EventBridgeFaults,
} from '../../../../local/eventbridge/eventbridge.ts';
import { createGuards } from '../../../../local/iam/engine-guards.ts';
import { createPermissions, type Permissions } from '../../../../local/iam/permissions.ts';
import { createSqs } from '../../../../local/sqs/sqs.ts';
import { checkAssembly, deploy, type LiveStacks } from '../../../../local/template/deploy.ts';
import type { Engines } from '../../../../local/template/engines.ts';
import { isObject, objectAt } from '../../../../local/template/json.ts';
import { createUpdates } from '../../../../local/template/update.ts';
import type { UpdateResult } from '../../../../local/template/update-result.ts';
import { recordingEngines } from '../recording-engines.ts';
import { stacksOf } from '../stacks-of.ts';
import { createFakeLambda, type FakeLambda, type FakeLambdaOptions } from './fake-lambda.ts';

const PLACE = { accountId: '000000000000', region: 'us-east-1' };

const CODE = new Map([
  ['1.zip', import.meta.dirname],
  ['2.zip', import.meta.dirname],
]);

type Template = Parameters<typeof stacksOf>[0][string];

/** One stack, `Hub`, on real engines but for Lambda, with everything that they hold in the open. */
export interface UpdateRig extends AsyncDisposable {
  readonly live: LiveStacks;
  readonly lambda: FakeLambda;
  readonly permissions: Permissions;
  readonly eventBridge: EventBridge;
  /** EventBridge as those who are no administrator of the engines reach it. */
  readonly guardedBus: JsonService;
  /** @param failAtCall refuses that call to an engine, counted from 1; none when undefined. */
  update(next: Template, seed: number, failAtCall?: number): Promise<UpdateResult>;
  onStep(listener: () => Promise<void>): void;
  putEvent(detail: JsonObject): Promise<void>;
  /** Queues that the bus sends events of this type to, as its rules are now: one may be half updated. */
  queuesOf(type: string): Promise<readonly string[]>;
  /** Lets functions take what is in their queues, until nothing moves. */
  settle(): Promise<void>;
  /** Bodies that are in the queue. */
  bodiesIn(queueArn: string): readonly string[];
  /** What all engines hold, by logical ids instead of names. */
  snapshot(): Promise<unknown>;
}

export interface UpdateRigOptions extends Pick<FakeLambdaOptions, 'onHandled'> {
  /** @default none */
  readonly faults?: EventBridgeFaults;
}

export async function openUpdateRig(first: Template, rigOptions: UpdateRigOptions = {}): Promise<UpdateRig> {
  const log = () => {};
  const clock = createMovableClock(() => 1_795_000_000_000);
  let ids = 0;
  const newId = () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`;
  const endpointUrl = () => 'http://127.0.0.1:4566';
  const options = { ...PLACE, clock, log, newId, endpointUrl };
  const permissions = createPermissions({ ...PLACE, log });
  const guards = createGuards(permissions, PLACE);
  const dynamoDb = createDynamoDb(options);
  const sqs = createSqs(options);
  const eventBridge = createEventBridge({
    ...options,
    random: () => 0.5,
    faults: rigOptions.faults ?? {},
    ...createBusTargets(guards.sqs(sqs.service), () => {}),
  });
  const lambda = createFakeLambda({ ...rigOptions, sqs: sqs.service, newId });
  let callsLeft = Number.POSITIVE_INFINITY;
  const count = () => {
    callsLeft--;
    if (callsLeft === 0) throw new AwsError('InternalFailure', 'this call fails');
  };
  const counted = (service: JsonService): JsonService => ({
    ...service,
    async handle(operation, input, caller) {
      count();
      return service.handle(operation, input, caller);
    },
  });
  const engines: Engines = {
    ...recordingEngines().engines,
    dynamoDb: counted(dynamoDb.service),
    sqs: counted(sqs.service),
    eventBridge: counted(eventBridge.service),
    lambda: lambda.counted(count),
  };
  const watch = { created: permissions.learn, gone: permissions.forget };
  const assemblyOf = (template: Template) => checkAssembly(stacksOf({ Hub: template }, CODE), PLACE);
  const live = await deploy(assemblyOf(first), engines, watch);
  let listener = async () => {};
  // the time between two steps is the listener's
  const steps = {
    now: clock.now,
    schedule(_delayMs: number, task: () => void) {
      void listener().then(task);
      return () => {};
    },
  };
  const updates = createUpdates(live, { clock: steps, signal: new AbortController().signal });

  const names = () => {
    const resources = live.describe().resources.map(({ logicalId, physicalId, arn = '' }) => ({
      logicalId,
      names: [physicalId, physicalId.slice(physicalId.lastIndexOf('/') + 1), arn.slice(arn.lastIndexOf(':') + 1)],
    }));
    return resources
      .flatMap(({ logicalId, names: all }) => all.map((name) => ({ logicalId, name: name.replace(/^.*\|/, '') })))
      .filter(({ name }) => name.length > 12)
      .toSorted((a, b) => b.name.length - a.name.length);
  };
  const call = (service: JsonService, operation: string, input: JsonObject = {}) =>
    service.handle(operation, input, USER);

  const settle = async () => {
    for (let isMoving = true; isMoving; ) {
      await new Promise(setImmediate);
      isMoving = (await lambda.pump()) > 0 || eventBridge.pendingDeliveries() > 0;
    }
  };

  return {
    live,
    lambda,
    permissions,
    eventBridge,
    guardedBus: guards.eventBridge(eventBridge.service),
    settle,
    onStep: (next) => {
      listener = next;
    },
    async update(next, seed, failAtCall = Number.POSITIVE_INFINITY) {
      callsLeft = failAtCall;
      try {
        return await updates.update(assemblyOf(next), { seed, pace: 1 });
      } finally {
        callsLeft = Number.POSITIVE_INFINITY;
      }
    },
    async putEvent(detail) {
      const [bus] = live.describe().buses;
      const Entries = [
        { EventBusName: bus?.busName, Source: 'shop', DetailType: detail['type'], Detail: JSON.stringify(detail) },
      ];
      await call(eventBridge.service, 'PutEvents', { Entries });
    },
    async queuesOf(type) {
      const [bus] = live.describe().buses;
      const of = { EventBusName: bus?.busName };
      const { Rules = [] } = (await call(eventBridge.service, 'ListRules', of)) as {
        readonly Rules?: readonly { readonly Name: string; readonly EventPattern: string }[];
      };
      const taking = Rules.filter(({ EventPattern }) => JSON.parse(EventPattern)['detail-type'].includes(type));
      const targets = await Promise.all(
        taking.map(async ({ Name }) => call(eventBridge.service, 'ListTargetsByRule', { Rule: Name, ...of })),
      );
      return targets
        .flatMap((found) => (found as { readonly Targets: readonly { readonly Arn: string }[] }).Targets)
        .map(({ Arn }) => Arn);
    },
    bodiesIn: (queueArn) => sqs.peek(queueArn).map(({ body }) => body),
    async snapshot() {
      const held = {
        queues: await Promise.all(
          listOf(await call(sqs.service, 'ListQueues'), 'QueueUrls').map(async (QueueUrl) => {
            const found = await call(sqs.service, 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
            const { CreatedTimestamp: _c, LastModifiedTimestamp: _m, ...attributes } = objectAt(found, 'Attributes');
            return { QueueUrl, attributes };
          }),
        ),
        tables: await Promise.all(
          listOf(await call(dynamoDb.service, 'ListTables'), 'TableNames').map(async (TableName) => {
            const table = objectAt(await call(dynamoDb.service, 'DescribeTable', { TableName }), 'Table');
            const timeToLive = await call(dynamoDb.service, 'DescribeTimeToLive', { TableName });
            const { CreationDateTime: _c, LatestStreamArn: _a, LatestStreamLabel: _l, TableId: _i, ...kept } = table;
            return { ...kept, hasStream: table['StreamSpecification'] !== undefined, timeToLive };
          }),
        ),
        rules: await Promise.all(
          live.describe().buses.flatMap(async ({ busName: EventBusName }) => {
            const { Rules } = { Rules: [], ...(await call(eventBridge.service, 'ListRules', { EventBusName })) };
            return Promise.all(
              (Rules as readonly JsonObject[]).map(async (rule) => ({
                ...rule,
                targets: await call(eventBridge.service, 'ListTargetsByRule', { Rule: rule['Name'], EventBusName }),
              })),
            );
          }),
        ),
        functions: [...lambda.functions.values()],
        mappings: [...lambda.mappings.values()],
        permissions: live.describe().roles.map(({ roleName, policies }) => ({ roleName, policies })),
        deployment: live.describe().resources.map(({ logicalId, type }) => ({ logicalId, type })),
      };
      const replaced = names().reduce(
        (text, { logicalId, name }) => text.replaceAll(name, `<${logicalId}>`),
        JSON.stringify(held),
      );
      return sorted(
        JSON.parse(replaced.replaceAll(/\/stream\/[^"]+/g, '/stream').replaceAll(/<(\w+)>\.fifo/g, '<$1>')),
      );
    },
    async [Symbol.asyncDispose]() {
      eventBridge.close();
      sqs.close();
      await dynamoDb.close();
    },
  };
}

const listOf = (output: object, member: string): readonly string[] => {
  const found: unknown = Reflect.get(output, member);
  return Array.isArray(found) ? found.map(String) : [];
};

/** The order in which things were made tells nothing of what they are. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, sorted(member)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}
