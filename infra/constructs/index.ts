/** What a CDK app is built from: the hub of an environment, and what services add to it. */
import '../require-node.ts';

export type { EventIndexes } from '../../lib/definitions/index.ts';
export type { BundleContent } from '../bundles/bundle-content.ts';
export { type ContextKeys, misspelledKeys } from '../context-keys.ts';
export {
  defineSettings,
  ENVIRONMENT_NAMES,
  ENVIRONMENTS,
  type Environment,
  type EnvironmentName,
  selectEnvironment,
} from '../environments.ts';
export { bundleLoadProblems } from '../load-bundles.ts';
export { isLocalRun } from '../local-run.ts';
export { type EnvironmentSettings, oneOf, parseSettings, SettingsError, show, unknownSettings } from '../settings.ts';
export { WiringError } from './assert-props.ts';
export { EventConsumer, type EventConsumerProps } from './event-consumer.ts';
export { EventHub, type EventHubAttributes, type EventHubLookup, type EventHubProps } from './event-hub.ts';
export type { EventHubBase, IEventHub } from './event-hub-base.ts';
export type { FunctionAlarm } from './function-alarms.ts';
export { grantItems, type ItemAction } from './grantee.ts';
export { HttpEdge } from './http-edge.ts';
export type { HttpEdgeCors, HttpEdgeProps, IssuingEdge, ServedApiProps } from './http-edge-props.ts';
export type { ServiceSettings } from './hub-lookup.ts';
export { LinkTable, type LinkTableProps, type LinkUse } from './link-table.ts';
export { ProcessManager, type ProcessManagerProps } from './process-manager.ts';
export { type ProjectedView, ReadModel, type ReadModelProps, type ViewQueries } from './read-model.ts';
export type { Reconciler } from './reconciler.ts';
export type { Relay } from './relay.ts';
export type { SagaTimers } from './saga-timers.ts';
export type { Sweeper } from './sweeper.ts';
export { SyncEngine, type SyncEngineProps } from './sync-engine.ts';
export type { SyncTick, SyncTickProps } from './sync-tick.ts';
export { tableFrom } from './table-from.ts';
export { TENANT_OF_PRINCIPAL, TenantRole, type TenantRoleProps, type TenantTableGrant } from './tenant-role.ts';
export { type FunctionSizing, WaybillFunction, type WaybillFunctionProps } from './waybill-function.ts';
export { type ReceivedWebhook, WebhookEndpoint, type WebhookEndpointProps } from './webhook-endpoint.ts';
export type { WebhookThrottle } from './webhook-route.ts';
