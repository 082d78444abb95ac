import { Metrics } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { createReconcilerHandler } from '../../../functions/reconciler/handler.ts';
import { createRelayHandler } from '../../../functions/relay/handler.ts';
import { createSweeperHandler } from '../../../functions/sweeper/handler.ts';
import type { WaybillFunction } from '../../../infra/constructs/waybill-function.ts';
import { type Cursor, createWaitingGauge, type LogPlace } from '../../../lib/consumer/index.ts';
import { runReconciliation } from '../../../lib/operations/index.ts';
import { BreakerOpenError } from '../../../lib/resilience/errors.ts';
import { createPolicyTelemetry } from '../../../lib/resilience/policy-telemetry.ts';
import { createTenancyRuntime } from '../../../lib/runtime/tenancy-runtime.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createSyncTelemetry, type SyncTelemetry } from '../../../lib/sync/telemetry.ts';
import { createInMemoryCursorStore } from '../../../lib/testing/in-memory-cursor-store.ts';
import { createTunedSettings } from '../../../lib/tuning/tuned-settings.ts';
import { createWebhookTelemetry, type WebhookTelemetry } from '../../../lib/webhook/telemetry.ts';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, createRig, type DepositHandler, messageOf, type RigOptions } from '../../lib/consumer/rig.ts';
import { createApiRig } from '../../lib/http/api-rig.ts';
import { createOpsRig } from '../../lib/operations/rig.ts';
import { setUp as setUpRelay } from '../../lib/outbox/relay/relay-bench.ts';
import { pendingEvent, setUp as setUpSweeper } from '../../lib/outbox/sweeper/sweeper-bench.ts';
import { createSagaRig } from '../../lib/saga/saga-rig.ts';
import {
  defineTrip,
  FlightBooked,
  HotelBooked,
  HotelCancelRefused,
  PaymentRefused,
  TripRequested,
} from '../../lib/saga/trip.ts';
import { createScheduled } from '../../lib/sync/schedule-rig.ts';
import { ago, row, supplierOf } from '../../lib/sync/sync-rig.ts';
import { limitedApi, variablesOf } from './deployment.ts';
import { type Emission, emittedBy } from './emitted.ts';

/** What functions of the deployment emit: the product's own code, with the variables of the template. */

export const MINUTE_MS = 60_000;
const silentLogger = {
  addContext: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** @param isRefused whether the bus refuses the event for good */
export const relayOnce = (relay: WaybillFunction, isRefused: boolean): Promise<readonly Emission[]> =>
  emittedBy(variablesOf(relay), async () => {
    const metrics = new Metrics();
    const bench = setUpRelay([], {
      emitTo: metrics,
      ...(isRefused
        ? {
            publisher: {
              fault: () => ({ status: 'refused', failure: { code: 'MalformedDetail', message: 'no JSON' } }) as const,
            },
          }
        : {}),
    });
    const handler = createRelayHandler({ relay: bench.relay, logger: silentLogger, metrics });
    const event = {
      Keys: { partitionkey: { S: 'order#1' }, sequence: { N: '1' } },
      NewImage: {
        kind: { S: 'EVENT' },
        id: { S: 'event-1' },
        source: { S: '/orders' },
        type: { S: 'com.example.order.placed' },
        event: { S: '{"id":"event-1"}' },
        committedAt: { N: '1700000000000' },
      },
      SequenceNumber: '101',
    };
    await handler({ Records: [{ eventName: 'INSERT', dynamodb: event }] }, lambdaContext());
  });

/**
 * @param ageMs of one event that waits, undefined for none
 * @param isGone whether the log has it no more, so that it can never be published
 */
export const sweepOnce = (
  sweeper: WaybillFunction,
  {
    waiting = 1,
    ageMs,
    isGone = false,
  }: { readonly waiting?: number; readonly ageMs?: number; readonly isGone?: boolean },
): Promise<readonly Emission[]> =>
  emittedBy(variablesOf(sweeper), async () => {
    const metrics = new Metrics();
    const events =
      ageMs === undefined
        ? []
        : Array.from({ length: waiting }, (_, index) => pendingEvent(`order#${index}`, 1, ageMs));
    const bench = setUpSweeper(isGone ? [] : events, { emitTo: metrics, ...(isGone ? { gone: events } : {}) });
    await createSweeperHandler({ sweeper: bench.sweeper, logger: silentLogger, metrics })({}, lambdaContext());
  });

interface Received {
  /** Milliseconds from the commit to the receive. @default 0 */
  readonly ageMs?: number;
  /** @default 1 */
  readonly receiveCount?: number;
  /** On the queue. @default - the event's */
  readonly messageGroup?: string;
  /** How often the same message comes. @default 1 */
  readonly times?: number;
  /** Whether the cursor has gone past the event without it. @default false */
  readonly isPassed?: boolean;
}

const NOWHERE: Cursor = { processed: 0, seen: 0, blockedBy: undefined, generation: 0, revision: 0 };

/** A consumer receives one event. */
export const consumeOnce = (
  consumer: WaybillFunction,
  { ageMs = 0, receiveCount = 1, messageGroup = 'account#7', times = 1, isPassed = false }: Received = {},
  onDeposit: DepositHandler = () => undefined,
  { cursor = {}, ...options }: RigOptions & { readonly cursor?: Partial<Cursor> } = {},
): Promise<readonly Emission[]> => {
  const variables = variablesOf(consumer);
  return emittedBy(variables, async () => {
    // as createConsumerRuntime does
    const { metrics } = createTenancyRuntime(variables, { serviceName: variables['POWERTOOLS_SERVICE_NAME'] ?? '' });
    const rig = createRig(onDeposit, { ordering: 'strict', emitTo: metrics, ...options });
    await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount: 1 }));
    rig.clock.advance(ageMs);
    if (isPassed) {
      const cursors = createInMemoryCursorStore({ tables: rig.tables, tableName: 'cursors', consumer: 'banking' });
      await cursors.save('account#7', NOWHERE, { ...NOWHERE, processed: 1, seen: 1, ...cursor });
    }
    const record = messageOf(rig.store.events[0]?.body ?? '', messageGroup);
    const attributes = { ...record.attributes, ApproximateReceiveCount: String(receiveCount) };
    for (let receive = 0; receive < times; receive += 1) {
      await rig.handler(batchOf({ ...record, attributes }), lambdaContext());
    }
  });
};

/** The receives of an event's message are used up while its external system is away. */
export const renewOnce = (consumer: WaybillFunction, ageMs: number): Promise<readonly Emission[]> =>
  consumeOnce(consumer, { ageMs, receiveCount: 3 }, () => {
    throw new BreakerOpenError('payment-gateway', 30);
  });

const DAY_MS = 86_400_000;

/** The sweeper counts one group of the consumer that waits. */
export const gaugeOnce = (
  { sweeper, consumer }: { readonly sweeper: WaybillFunction; readonly consumer: WaybillFunction },
  state: 'dead' | 'retrying' | 'paused',
  ageDays: number,
): Promise<readonly Emission[]> =>
  emittedBy(variablesOf(sweeper), async () => {
    const now = 100 * DAY_MS;
    const item = {
      consumer: { S: variablesOf(consumer)['POWERTOOLS_SERVICE_NAME'] ?? '' },
      waitingSince: { N: String(now - ageDays * DAY_MS) },
      ...(state === 'paused'
        ? { paused: { M: { since: { N: String(now - ageDays * DAY_MS) } } } }
        : { waitingFor: { M: { state: { S: state } } } }),
    };
    const client = mockClient(DynamoDBClient);
    client.on(ScanCommand, { IndexName: 'waiting-shard' }).resolves({ Items: [item] });
    client.on(ScanCommand, { IndexName: 'waiting' }).resolves({ Items: [] });
    const gauge = createWaitingGauge({
      client: new DynamoDBClient({}),
      tableName: 'cursors',
      clock: { now: () => now as EpochMs },
      metricsOf: (serviceName) => new Metrics({ serviceName }),
      logger: silentLogger,
    });
    await gauge.run(10_000).finally(() => client.restore());
  });

/**
 * The reconciler runs once.
 * @param isLost whether a consumer has not handled the only event, which is nowhere
 * @param ageHours since the run before it
 */
export const reconcileOnce = (
  reconciler: WaybillFunction | undefined,
  { isLost = false, ageHours = 1 }: { readonly isLost?: boolean; readonly ageHours?: number },
): Promise<readonly Emission[]> =>
  emittedBy(reconciler === undefined ? {} : variablesOf(reconciler), async () => {
    const metrics = new Metrics();
    const rig = createOpsRig();
    await rig.deposit('7');
    if (!isLost) await rig.place('account#7', { processed: 1, seen: 1 });
    const run = rig.reconciliation();
    const options = { graceMs: 60_000, confirmAfterMs: 0, passMs: DAY_MS };
    rig.clock.advance(HOUR_MS);
    await runReconciliation(run, { ...options, until: 'whole', endsAt: (rig.clock.now() + DAY_MS) as EpochMs });
    rig.clock.advance(ageHours * HOUR_MS);
    await createReconcilerHandler({ run, options, logger: silentLogger, metrics })({}, lambdaContext());
  });

const HOUR_MS = 60 * MINUTE_MS;

/** The log does not show the event before the one that is received: for now, or no longer. */
export const missOnce = (consumer: WaybillFunction, isExpired: boolean): Promise<readonly Emission[]> => {
  const place = { sequence: 9, committedAt: 0, expires: undefined, previousExpires: isExpired ? 0 : 9_999_999_999 };
  return consumeOnce(consumer, { isPassed: true }, () => undefined, {
    cursor: { seen: 4 },
    log: () => ({
      read: async () => [],
      places: async (_, from) => (from === 5 ? [place as LogPlace] : []),
      end: async () => undefined,
    }),
  });
};

type BreakerState = 'closed' | 'open' | 'half-open';

export const breakerOnce = (consumer: WaybillFunction, to: BreakerState): Promise<readonly Emission[]> => {
  const variables = variablesOf(consumer);
  return emittedBy(variables, () => {
    const { metrics } = createTenancyRuntime(variables, { serviceName: variables['POWERTOOLS_SERVICE_NAME'] ?? '' });
    createPolicyTelemetry({ logger: silentLogger, metrics }).breakerChanged('payment-gateway', { from: 'closed', to });
    metrics.publishStoredMetrics();
  });
};

/** A saga whose compensation fails as often as it may. */
export const failCompensation = (consumer: WaybillFunction): Promise<readonly Emission[]> => {
  const variables = variablesOf(consumer);
  return emittedBy(variables, async () => {
    const { metrics } = createTenancyRuntime(variables, { serviceName: variables['POWERTOOLS_SERVICE_NAME'] ?? '' });
    const trip = { tripId: '7' };
    const rig = createSagaRig(defineTrip(), { emitTo: metrics });
    await rig.when(TripRequested, trip);
    await rig.when(FlightBooked, { ...trip, seat: '12A' });
    await rig.when(HotelBooked, trip);
    await rig.when(PaymentRefused, trip);
    await rig.when(HotelCancelRefused, trip);
    await rig.timeOut();
    await rig.when(HotelCancelRefused, trip);
    metrics.publishStoredMetrics();
  });
};

export const leaveTenant = (called: WaybillFunction): Promise<readonly Emission[]> => {
  const variables = variablesOf(called);
  return emittedBy(variables, () => {
    createTenancyRuntime(variables).tenancy.withoutTenant('monthly invoice run', () => undefined);
  });
};

/** A function reads the settings parameter. */
export const followOnce = (reader: WaybillFunction, content: string): Promise<readonly Emission[]> =>
  emittedBy(variablesOf(reader), async () => {
    const metrics = new Metrics();
    await createTunedSettings({
      parameter: { read: async () => content },
      parameterName: '/waybill/default/settings',
      clock: { now: () => 0 as EpochMs },
      logger: silentLogger,
      metrics,
    }).current();
    metrics.publishStoredMetrics();
  });

/** A webhook answers one request. */
export const answerOnce = (
  receiver: WaybillFunction,
  answer: (telemetry: WebhookTelemetry) => void,
): Promise<readonly Emission[]> => {
  const variables = variablesOf(receiver);
  return emittedBy(variables, () => {
    const { metrics } = createTenancyRuntime(variables);
    answer(createWebhookTelemetry({ webhookName: 'carrier', logger: silentLogger, metrics }));
    metrics.publishStoredMetrics();
  });
};

/** An API answers one request of a client. @param isCounted whether the table of its limits can be written */
export const requestOnce = (server: WaybillFunction, isCounted: boolean): Promise<readonly Emission[]> => {
  const variables = variablesOf(server);
  return emittedBy(variables, async () => {
    const { metrics } = createTenancyRuntime(variables);
    const away = {
      lease: async () => {
        throw new Error('throttled');
      },
    };
    const rig = createApiRig({ api: limitedApi, deps: { metrics, ...(isCounted ? {} : { usage: away }) } });
    await rig.send('GET /orders');
    metrics.publishStoredMetrics();
  });
};

/** A run of a sync. */
export const syncOnce = (
  consumer: WaybillFunction,
  tell: (telemetry: SyncTelemetry) => void,
): Promise<readonly Emission[]> => {
  const variables = variablesOf(consumer);
  return emittedBy(variables, () => {
    const { metrics } = createTenancyRuntime(variables);
    tell(createSyncTelemetry({ logger: silentLogger, metrics }));
    metrics.publishStoredMetrics();
  });
};

/**
 * A tick of a sync whose subscription was read for the last time so long ago.
 * @param isApproved whether no deletes wait for an approval
 */
export const tickOnce = (
  tick: WaybillFunction,
  { minutesAgo, isApproved = true }: { readonly minutesAgo: number; readonly isApproved?: boolean },
): Promise<readonly Emission[]> => {
  const variables = variablesOf(tick);
  return emittedBy(variables, async () => {
    const { metrics } = createTenancyRuntime(variables);
    const supplier = supplierOf();
    const skus = Array.from({ length: 20 }, (_, index) => `sku-${index}`);
    for (const sku of skus) supplier.put(row(sku, ago(36_000)));
    const scheduled = createScheduled({ sources: { supplier }, emitTo: metrics });
    await scheduled.pass(1);
    if (!isApproved) {
      for (const sku of skus.slice(0, 11)) supplier.delete(sku);
      await scheduled.rig.run({ mode: 'reconcile' });
    }
    metrics.clearMetrics();
    scheduled.rig.clock.advance(minutesAgo * MINUTE_MS);
    await scheduled.tick();
    metrics.publishStoredMetrics();
  });
};
