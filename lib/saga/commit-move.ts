import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { HandlerContext } from '../consumer/index.ts';
import { type CloudEvent, METRIC, type SagaDefinition } from '../contracts/index.ts';
import { ifUnchanged } from '../outbox/index.ts';
import { addMs, type EpochMs, toEpochSeconds, toTimestamp } from '../shared/time.ts';
import { SagaRaceLostError } from './errors.ts';
import type { SagaInput, SagaMove } from './machine/decision.ts';
import type { SagaStatus, SagaTimer } from './machine/saga-state.ts';
import type { RunningTimer, SagaHandlersDeps } from './ports.ts';
import { sagaGroupOf } from './saga-group.ts';
import { historyItem, listingItem, type SagaHistoryEntry, type SagaRecord, stateItem } from './saga-record.ts';
import type { SagaMigrated } from './settle-version.ts';
import { storedSagaData } from './validate-saga-data.ts';

export interface MoveToCommit {
  readonly definition: SagaDefinition;
  readonly sagaId: string;
  /** As it stood; undefined where it begins now. */
  readonly record: SagaRecord | undefined;
  readonly migration: SagaMigrated | undefined;
  readonly event: CloudEvent;
  readonly input: SagaInput;
  readonly move: SagaMove;
}

/** Ends with the instance as the move leaves it in the unit of work, and its new timers running. */
export async function commitMove(
  { definition, sagaId, record, migration, event, input, move }: MoveToCommit,
  { table, timers, metrics, clock }: SagaHandlersDeps,
  { tx, log, signal, afterCommit }: HandlerContext,
): Promise<void> {
  const now = clock.now();
  const at = toTimestamp(now);
  const data = await storedSagaData(definition, sagaId, move.state.data);
  const next: SagaRecord = {
    ...move.state,
    data,
    sagaId,
    version: definition.version,
    group: record?.group ?? sagaGroupOf(definition.name, sagaId, event),
    correlationId: record?.correlationId ?? event.correlationid,
    hops: record?.hops ?? event.hops,
    startedAt: record?.startedAt ?? at,
    changedAt: at,
  };
  const running = (timer: SagaTimer): RunningTimer => ({
    ...timer,
    sagaId,
    group: next.group,
    saga: definition.name,
    tenantId: event.tenantid,
    correlationId: next.correlationId,
  });
  const expires = expiryOf(definition, now);
  const finished = isFinished(next.status) ? expires : undefined;
  const writes = table.within(tx);
  writes.put({
    Item: stateItem(next, finished),
    ...ifUnchanged('revision', record?.revision),
    refused: () => new SagaRaceLostError(definition.name, sagaId, record?.revision ?? 0),
  });
  writes.put({ Item: historyItem(entryOf(next, move, event, migration?.from), expires) });
  if (record?.status !== next.status || migration !== undefined) {
    const { status, version, startedAt, failure } = next;
    writes.put({ Item: listingItem({ sagaId, status, version, startedAt, since: at, failure }, finished) });
  }
  // from what began it, however long it runs: what it publishes is bounded by its declaration, a loop of sagas is not
  const hops = next.hops + 1;
  for (const publication of move.publications) tx.publish(publication.event, publication.data, { hops });
  // when all is known to be valid, and before the commit: a schedule too many is ignored, one too few would leave the saga waiting for ever
  await Promise.all(move.timers.map((timer) => timers.start(running(timer), signal)));

  for (const timer of move.cancelled) afterCommit(() => timers.stop(running(timer)));
  afterCommit(() => {
    for (const metric of metricsOf(input, move, record?.status)) {
      metrics.addMetric(metric, MetricUnit.Count, 1);
    }
    const { transition, step } = move;
    log.info(`saga ${next.status}`, {
      saga_status: next.status,
      saga_revision: next.revision,
      saga_transition: transition,
      saga_step: step,
    });
  });
}

const DAY_MS = 86_400_000;

const expiryOf = ({ retentionDays }: SagaDefinition, now: EpochMs): number =>
  toEpochSeconds(addMs(now, retentionDays * DAY_MS));

const isFinished = (status: SagaStatus): boolean => status === 'completed' || status === 'compensated';

const entryOf = (
  { sagaId, revision, status, version, changedAt }: SagaRecord,
  { transition, step, publications }: SagaMove,
  { id, type, time }: CloudEvent,
  migratedFrom: number | undefined,
): SagaHistoryEntry => ({
  sagaId,
  revision,
  at: changedAt,
  transition,
  step,
  status,
  version,
  migratedFrom,
  cause: { id, type, time },
  sent: publications.map(({ event }) => event.type),
});

const METRIC_OF_STATUS: Readonly<Partial<Record<SagaStatus, string>>> = {
  completed: METRIC.sagasCompleted,
  compensated: METRIC.sagasCompensated,
  'compensation-failed': METRIC.sagaCompensationsFailed,
};

function metricsOf(
  input: SagaInput,
  { transition, state: { status } }: SagaMove,
  before: SagaStatus | undefined,
): readonly string[] {
  const isTimeout = input.kind === 'timer' && input.timer.kind !== 'compensation-retry' && transition !== 'migrated';
  const reached = before === status ? undefined : METRIC_OF_STATUS[status];
  return [
    ...(before === undefined ? [METRIC.sagasStarted] : []),
    ...(isTimeout ? [METRIC.sagaTimeouts] : []),
    ...(reached === undefined ? [] : [reached]),
  ];
}
