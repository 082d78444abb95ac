import { type AttributeValue, DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { dataSchemaOf, type EventDefinition } from '../../../../../lib/definitions/index.ts';
import { recordOf } from '../../../../../lib/outbox/index.ts';
import { createRoleCredentials } from '../../../../../local/role-credentials.ts';
import { type LocalRun, type RunFaults, startLocalRun } from '../../../../../local/run.ts';
import { objectAt } from '../../../../../local/template/json.ts';
import { orderGroup } from '../../../functions/order-group.ts';
import { signMessage } from '../../../local/external/signed-message.ts';
import { type CallResult, createFunctionCalls } from '../../../local/orders/function-calls.ts';
import { findShop } from '../../../local/orders/shop.ts';
import { madeAt } from './made-at.ts';

type Item = Readonly<Record<string, AttributeValue>>;

/** The reference shop at work, and an administrator's hands on it. */
export interface ShopRun extends AsyncDisposable {
  readonly run: LocalRun;
  /** Warnings and errors of the run: `source message`. */
  readonly troubles: readonly string[];
  /** One piece of tea for 12 euros, but for what `changes` says. */
  placeOrder(orderId: string, changes?: object): Promise<CallResult>;
  /** Calls a function of the shop, by its output: `CancelOrder` of `CancelOrderFunctionName`. */
  call(name: string, payload: object): Promise<CallResult>;
  /**
   * Sends a request to the shop's API.
   * @throws Error for another status than the one that is expected
   */
  request(route: string, sent: RequestInit & { readonly token: string }, expectedStatus: number): Promise<void>;
  /** As a carrier does, of a parcel that the shop does not know. */
  tellOfParcel(orderId: string): Promise<void>;
  settled(): Promise<void>;
  /** A table, by the end of its construct path: `Hub/Pending`. */
  scan(table: string): Promise<readonly Item[]>;
  put(table: string, item: Item): Promise<void>;
  /** Commits events like a stored one to the outbox: the first of another order's group, with other data. */
  commitLike(stored: Item, data: { readonly orderId: string }, ids: readonly string[]): Promise<void>;
  /** Commits events of an account to the outbox, with the rest of a stored event. */
  commitOfAccount(
    stored: Item,
    accountId: string,
    events: readonly { readonly definition: EventDefinition; readonly data?: object }[],
  ): Promise<void>;
  /** Puts an event onto the bus whose group no queue takes. */
  putUndeliverable(source: string, type: string): Promise<void>;
  /** Sends an event like a stored one to every consumer's queue, of a type that no consumer takes. */
  sendOfUnknownType(stored: Item): Promise<void>;
  /** Of what the CDK code makes at a path, given by its end. */
  arnOf(path: string): string;
}

const TIMEOUT_MS = 240_000;

/** SQS takes no longer group than 128. */
const TOO_LONG_GROUP = 'g'.repeat(129);

export async function startShop(assemblyFolder: string, faults: RunFaults = {}): Promise<ShopRun> {
  const troubles: string[] = [];
  await using opened = new AsyncDisposableStack();
  const run = await startLocalRun({
    assemblyFolder,
    faults,
    log: (level, source, message) => {
      if (level === 'warn' || level === 'error') troubles.push(`${source} ${message}`);
    },
  });
  opened.defer(run.close);
  const options = {
    endpoint: run.endpointUrl,
    region: run.region,
    credentials: { accessKeyId: 'administrator', secretAccessKey: 'secret' },
  };
  const dynamoDb = new DynamoDBClient(options);
  const lambda = new LambdaClient(options);
  // nobody but the relay may put events on the bus; its keys are derived from its role
  const relay = madeAt(run.deployment.functions, 'Hub/Relay/Function');
  const eventBridge = new EventBridgeClient({
    ...options,
    credentials: createRoleCredentials().credentialsOf(relay.roleArn, relay.functionName),
  });
  const sqs = new SQSClient(options);
  const secretsManager = new SecretsManagerClient(options);
  opened.defer(() => [dynamoDb, lambda, eventBridge, sqs, secretsManager].forEach((client) => void client.destroy()));

  const outputs = run.deployment.outputs.get(findShop(run.deployment).stackName);
  const callFunction = createFunctionCalls(lambda);
  const call = (name: string, payload: object) =>
    callFunction(outputs?.get(`${name}FunctionName`) ?? name, payload, AbortSignal.timeout(TIMEOUT_MS));
  const tableNamed = (path: string) => madeAt(run.deployment.tables, path).tableName;
  const total = { currency: 'EUR', minorUnits: 1200 };

  const put = async (path: string, item: Item) => {
    await dynamoDb.send(new PutItemCommand({ TableName: tableNamed(path), Item: item }));
  };

  await call('ChangeProduct', { sku: 'tea', name: 'Tea', price: null });
  const receipt = { receiptId: 'opening', sku: 'tea', quantity: 100 };
  // the second time it looks whether it is the same
  for (const repeated of [receipt, receipt]) await call('ReceiveStock', repeated);

  const open = opened.move();
  return {
    run,
    troubles,
    call,
    placeOrder: (orderId, changes = {}) =>
      call('PlaceOrder', { orderId, customerId: 'c1', lines: [{ sku: 'tea', quantity: 1 }], total, ...changes }),
    async request(route, { token, ...sent }, expectedStatus) {
      const [method = '', path = ''] = route.split(' ');
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...sent.headers };
      const answer = await fetch(`${outputs?.get('ApiUrl')}${path}`, { ...sent, method, headers });
      if (answer.status !== expectedStatus) throw new Error(`${route}: ${answer.status} ${await answer.text()}`);
    },
    async tellOfParcel(orderId) {
      const { carrierTrackingUrl, carrierTrackingSecretArn } = findShop(run.deployment);
      const read = new GetSecretValueCommand({ SecretId: carrierTrackingSecretArn });
      const { SecretString = '{}' } = await secretsManager.send(read);
      const { current } = JSON.parse(SecretString) as { readonly current: string };
      const data = {
        customerReference: orderId,
        trackingCode: 'TRK_unknown',
        state: 'DELIVERED',
        occurredAt: new Date().toISOString(),
      };
      const message = signMessage('trk_1', Date.now(), JSON.stringify({ type: 'parcel.moved', data }), [current]);
      const { status } = await fetch(carrierTrackingUrl, { method: 'POST', ...message });
      if (status !== 204) throw new Error(`the carrier's message was answered with ${status}`);
    },
    settled: () => run.settled(AbortSignal.timeout(TIMEOUT_MS)),
    scan: async (path) => (await dynamoDb.send(new ScanCommand({ TableName: tableNamed(path) }))).Items ?? [],
    put,
    async commitLike(stored, changes, ids) {
      const event: unknown = JSON.parse(recordOf(stored).body);
      const { orderId } = changes;
      const data = { ...objectAt(event, 'data'), ...changes };
      const partitionkey = orderGroup({ orderId });
      for (const [index, id] of ids.entries()) {
        const number = String(index + 1);
        const sequence = number.padStart(16, '0');
        const text = JSON.stringify(Object.assign({}, event, { id, partitionkey, sequence, subject: orderId, data }));
        const key = { partitionkey: { S: partitionkey }, sequence: { N: number } };
        await put('Hub/Outbox', { ...stored, ...key, id: { S: id }, event: { S: text } });
      }
    },
    async commitOfAccount(stored, accountId, events) {
      const event: unknown = JSON.parse(recordOf(stored).body);
      const partitionkey = `account#${accountId}`;
      for (const [index, { definition, data = {} }] of events.entries()) {
        const { type, source } = definition;
        const number = String(index + 1);
        const id = `${accountId}-${number}`;
        const own = { id, type, source, subject: accountId, dataschema: dataSchemaOf(definition) };
        const place = { partitionkey, sequence: number.padStart(16, '0') };
        const text = JSON.stringify(Object.assign({}, event, own, place, { data: { accountId, ...data } }));
        await put('Hub/Outbox', {
          ...stored,
          partitionkey: { S: partitionkey },
          sequence: { N: number },
          id: { S: own.id },
          type: { S: type },
          source: { S: source },
          event: { S: text },
        });
      }
    },
    async putUndeliverable(source, type) {
      const Detail = JSON.stringify({ partitionkey: TOO_LONG_GROUP, source, type });
      const EventBusName = run.deployment.buses[0]?.busName;
      await eventBridge.send(
        new PutEventsCommand({ Entries: [{ EventBusName, Source: source, DetailType: type, Detail }] }),
      );
    },
    async sendOfUnknownType(stored) {
      const event = { ...(JSON.parse(recordOf(stored).body) as object), type: 'com.example.unknown', id: 'unknown' };
      const MessageBody = JSON.stringify({ ...event, partitionkey: 'order#unknown' });
      for (const { constructPath, url: queueUrl } of run.deployment.queues) {
        if (!constructPath.endsWith('/Queue/Resource')) continue;
        await sqs.send(
          new SendMessageCommand({
            QueueUrl: queueUrl,
            MessageBody,
            MessageGroupId: 'order#unknown',
            MessageDeduplicationId: 'unknown',
          }),
        );
      }
    },
    arnOf: (path) => madeAt(run.deployment.resources, path).arn ?? '',
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}
