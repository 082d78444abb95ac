import type { Stack } from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import * as z from 'zod';
import { EventConsumer } from '../../../infra/constructs/event-consumer.ts';
import { EventHub } from '../../../infra/constructs/event-hub.ts';
import { HttpEdge } from '../../../infra/constructs/http-edge.ts';
import { ProcessManager } from '../../../infra/constructs/process-manager.ts';
import { ReadModel } from '../../../infra/constructs/read-model.ts';
import { asRecord, renderedProperties, resourceOf } from '../../../infra/constructs/rendered.ts';
import { SyncEngine } from '../../../infra/constructs/sync-engine.ts';
import { WaybillFunction } from '../../../infra/constructs/waybill-function.ts';
import { WebhookEndpoint } from '../../../infra/constructs/webhook-endpoint.ts';
import type { EnvironmentSettings } from '../../../infra/settings.ts';
import { valueKnownAtDeployment } from '../../../infra/value-known-at-deployment.ts';
import { defineApi, defineSubscription } from '../../../lib/definitions/index.ts';
import { defineWebhook, github, on } from '../../../lib/webhook/public.ts';
import { ordersApi } from '../../lib/http/orders-app.ts';
import { defineTrip } from '../../lib/saga/trip.ts';
import { productSync } from '../../lib/sync/sync-rig.ts';
import { billing, createStack, ENTRY, OrderPlaced, settingsWith } from '../test-stack.ts';
import { textOf } from './text-of.ts';

/** Whose requests are counted by client. */
export const limitedApi = defineApi({ ...ordersApi, clientLimit: { requests: 1, seconds: 60 } });

const carrier = defineWebhook({
  name: 'carrier',
  path: '/webhooks/{tenant}/carrier',
  scheme: github(),
  events: { push: on(z.unknown(), [OrderPlaced], () => []) },
});

/** One of each construct that has alarms. */
export function deploy(changes: Partial<EnvironmentSettings> = {}) {
  const stack = createStack();
  const settings = settingsWith({ alarmsEnabled: true, tenancy: 'required', ...changes });
  const hub = new EventHub(stack, 'Hub', { settings });
  const placeOrder = new WaybillFunction(stack, 'PlaceOrder', {
    entry: ENTRY,
    serviceName: 'place-order',
    settings,
  });
  hub.grantPublish(placeOrder, billing.events);
  const consumer = new EventConsumer(stack, 'Billing', {
    hub,
    subscription: billing,
    entry: ENTRY,
    externalSystems: ['payment-gateway'],
  });
  const readModel = new ReadModel(stack, 'Overview', {
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
  const saga = defineTrip();
  hub.registerProducer(
    stack,
    [...saga.roles.values()].map((role) => (role.kind === 'start' ? role.start.event : role.reply.event)),
  );
  const manager = new ProcessManager(stack, 'Trips', { hub, saga, entry: ENTRY });
  const edge = new HttpEdge(stack, 'Api', {
    hub,
    api: limitedApi,
    entry: ENTRY,
    issuer: 'https://auth.example.com',
    audience: ['shop'],
  });
  const endpoint = new WebhookEndpoint(stack, 'Carrier', { hub, webhook: carrier, entry: ENTRY });
  const engine = new SyncEngine(stack, 'Products', { hub, sync: productSync, entry: ENTRY });
  return { stack, hub, placeOrder, consumer, readModel, manager, edge, endpoint, engine };
}

export type Deployment = ReturnType<typeof deploy>;

export const functionName = (called: WaybillFunction): string => textOf(called, called.functionName);
export const queueName = (queue: IQueue): string => textOf(queue, queue.queueName);
export const apiId = ({ api, node }: HttpEdge): string => textOf(node.scope as Stack, api.apiId);
export const tableName = (table: Table): string => textOf(table, table.tableName);

/** What a function of the deployment finds in its environment. */
export function variablesOf(called: WaybillFunction): Readonly<Record<string, string>> {
  const resource = resourceOf(called);
  if (resource === undefined) throw new Error(`'${called.node.path}' is not of this app`);
  const { Variables } = asRecord(renderedProperties(resource)['Environment']);
  return Object.fromEntries(
    Object.entries(asRecord(Variables)).map(([name, value]) => [name, valueKnownAtDeployment(called, value)]),
  );
}

/** What an alarm is of: the kind of construct and the alarm's id, without the name behind a dash. */
export function kindOf(root: Stack, path: string): string {
  const [parent = '', id = ''] = path.split('/Alarms/');
  const owner = parent.split('/').reduce<Stack['node']>((node, name) => node.findChild(name).node, root.node);
  const construct = owner.scope?.node.findChild(owner.id);
  const kind = KINDS.find(([type]) => construct instanceof type)?.[1] ?? construct?.constructor.name;
  return `${kind} ${id.replace(/-.*/, ' of …')}`;
}

const KINDS = [
  [EventHub, 'hub'],
  [EventConsumer, 'consumer'],
  [ReadModel, 'read model'],
  [ProcessManager, 'process manager'],
  [HttpEdge, 'http edge'],
  [WebhookEndpoint, 'webhook'],
  [SyncEngine, 'sync'],
  [WaybillFunction, 'function'],
  [Table, 'table'],
] as const;
