import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { EventHandler, HandlerContext, SubscriptionHandlers } from '../consumer/index.ts';
import {
  type CloudEvent,
  type EventDefinition,
  METRIC,
  newestOf,
  ownMember,
  type SagaDefinition,
  type SagaRetryData,
  type SagaTimerData,
  type SagaVersions,
  sagaRetryRequested,
  sagaSubscription,
  sagaTimerDue,
} from '../definitions/index.ts';
import { SagaIdError, SagaUnknownError } from './errors.ts';
import { decide } from './machine/decide.ts';
import type { IgnoredReason, SagaInput } from './machine/decision.ts';
import type { SagaHandlersDeps } from './ports.ts';
import { loadSaga } from './saga-instance.ts';
import { commitTransition } from './saga-writer.ts';

/**
 * Creates the handlers of a process manager. It is a strict consumer. Its state, history, commands and answers are
 * committed together.
 *
 * @param saga one version, or all versions that running instances may have
 *
 * @example
 * const sagas = runtime.table(SAGAS_TABLE, tableName, parseSagaItem);
 * export const handler = createConsumer(createSagaHandlers(fulfilment, { ...runtime, table: sagas, timers }), runtime);
 */
export function createSagaHandlers(saga: SagaVersions, deps: SagaHandlersDeps): SubscriptionHandlers {
  const subscription = sagaSubscription(saga);
  const { name } = subscription;
  const timerType = sagaTimerDue(name).type;
  const retryType = sagaRetryRequested(name).type;

  const handle =
    (addressOf: (data: unknown) => Address): EventHandler<EventDefinition> =>
    async (event, context) => {
      const { sagaId, inputFor } = addressOf(event.data);
      context.log.appendKeys({ saga: name, saga_id: sagaId });
      const loaded = await loadSaga(saga, sagaId, event, deps.table);
      if (loaded === undefined) return ignore('late', event, context);
      const input = inputFor(loaded.definition);
      if (input === undefined) return ignore('not-requested', event, context);
      const { definition, record, migration } = loaded;
      const decision = decide(definition, record, input, deps.clock.now(), migration?.timers);
      if (decision.kind === 'moved') {
        await commitTransition({ ...loaded, sagaId, event, input, move: decision }, deps, context);
        return;
      }
      const isUnknown = decision.reason === 'unknown-saga';
      // a timer of a transition that was never committed
      if (isUnknown && input.kind === 'timer') return ignore('late-timer', event, context);
      if (isUnknown && definition.unknownSagas === 'fail') throw new SagaUnknownError(name, sagaId, event.type);
      ignore(decision.reason, event, context);
    };

  const ignore = (reason: IgnoredReason, { type }: CloudEvent, { log, afterCommit }: HandlerContext) => {
    afterCommit(() => {
      const metric = reason === 'unknown-saga' ? METRIC.sagasUnknown : METRIC.sagaEventsIgnored;
      deps.metrics.addMetric(metric, MetricUnit.Count, 1);
      // the service sent two contradictory replies
      const level = reason === 'contradiction' ? 'warn' : 'info';
      log[level]('the event does not change its saga', { reason, event_type: type });
    });
  };

  const handlerOf = ({ type }: EventDefinition): EventHandler<EventDefinition> => {
    if (type === timerType) return handle(timerAddress);
    if (type === retryType) return handle(retryAddress);
    return handle((data) => replyAddress(saga, type, data));
  };

  return {
    subscription,
    handlers: Object.fromEntries(subscription.events.map((event) => [event.type, handlerOf(event)])),
  };
}

/**
 * The instance that an event is for, and its input to that instance's version of the declaration; undefined if that
 * version does not use it.
 */
interface Address {
  readonly sagaId: string;
  inputFor(definition: SagaDefinition): SagaInput | undefined;
}

const RETRY: SagaInput = { kind: 'retry' };

function timerAddress(data: unknown): Address {
  // validated by the event's own schema
  const { sagaId, group: _group, ...timer } = data as SagaTimerData;
  return { sagaId, inputFor: () => ({ kind: 'timer', timer }) };
}

// validated by the event's own schema
const retryAddress = (data: unknown): Address => ({ sagaId: (data as SagaRetryData).sagaId, inputFor: () => RETRY });

function replyAddress(saga: SagaVersions, type: string, data: unknown): Address {
  return {
    // all versions have the same correlateBy
    sagaId: sagaIdAt(data, newestOf(saga), type),
    inputFor({ roles }) {
      const role = roles.get(type);
      return role === undefined ? undefined : { kind: 'event', type, role, data };
    },
  };
}

/** DynamoDB allows 2048 bytes for a partition key; the tenant is its prefix. */
const SAGA_ID_MAX_BYTES = 1024;

/** The declaration's types require a string, but a schema may return something else. */
function sagaIdAt(data: unknown, { name, correlateBy }: SagaDefinition, type: string): string {
  const value: unknown = ownMember(Object(data), correlateBy);
  if (typeof value === 'string' && value !== '' && Buffer.byteLength(value) <= SAGA_ID_MAX_BYTES) return value;
  throw new SagaIdError(name, type, correlateBy, value, SAGA_ID_MAX_BYTES);
}
