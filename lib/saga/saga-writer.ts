import { createHash } from 'node:crypto';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { HandlerContext } from '../consumer/index.ts';
import {
  type CloudEvent,
  GROUP_PATTERN,
  METRIC,
  readGroup,
  type SagaDefinition,
  standsAlone,
} from '../definitions/index.ts';
import { principalOf } from '../event/index.ts';
import { ifUnchanged } from '../outbox/index.ts';
import { addMs, type EpochMs, toEpochSeconds, toTimestamp } from '../shared/time.ts';
import { SagaRaceLostError } from './errors.ts';
import type { SagaInput, SagaMove } from './machine/decision.ts';
import type { SagaStatus, SagaTimer } from './machine/saga-state.ts';
import type { RunningTimer, SagaHandlersDeps } from './ports.ts';
import { storedSagaData } from './saga-instance.ts';
import type { AppliedMigration } from './saga-migration.ts';
import { historyItem, listingItem, type SagaHistoryEntry, type SagaRecord, stateItem } from './saga-record.ts';

export interface MoveToCommit {
  readonly definition: SagaDefinition;
  readonly sagaId: string;
  /** The stored instance; undefined if it starts now. */
  readonly record: SagaRecord | undefined;
  readonly migration: AppliedMigration | undefined;
  readonly event: CloudEvent;
  readonly input: SagaInput;
  readonly move: SagaMove;
}

/** Adds the transition's writes and events to the unit of work, and starts its new timers. */
export async function commitTransition(
  { definition, sagaId, record, migration, event, input, move }: MoveToCommit,
  { table, timers, metrics, clock }: SagaHandlersDeps,
  { tx, log, signal, afterCommit }: HandlerContext,
): Promise<void> {
  const now = clock.now();
  const at = toTimestamp(now);
  const data = await storedSagaData(definition, sagaId, move.state.data);
  const principal = record === undefined ? principalOf(event) : record.principal;
  const next: SagaRecord = {
    ...move.state,
    data,
    sagaId,
    version: definition.version,
    group: record?.group ?? sagaGroupOf(definition.name, sagaId, event),
    correlationId: record?.correlationId ?? event.correlationid,
    ...(principal === undefined ? {} : { principal }),
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
    ...(principal === undefined ? {} : { principal }),
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
  // counted from the start event, not per step: a declaration bounds its own steps, but not a loop of sagas
  const hops = next.hops + 1;
  for (const publication of move.publications) tx.publish(publication.event, publication.data, { hops });
  // before the commit: an extra schedule is ignored, but a missing one would let the saga wait forever
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

/** Leaves room for the tenant's prefix in a group. */
const OWN_GROUP_MAX_LENGTH = 80;

/**
 * The group of an instance's timer events: that of the start event, or a group of its own if the start event has none.
 */
export function sagaGroupOf(saga: string, sagaId: string, start: Pick<CloudEvent, 'partitionkey' | 'id'>): string {
  const group = readGroup(start.partitionkey)?.group;
  if (group !== undefined && !standsAlone(start.partitionkey, start.id)) return group;
  const own = `${saga}#${sagaId}`;
  if (own.length <= OWN_GROUP_MAX_LENGTH && GROUP_PATTERN.test(own)) return own;
  return `${saga}#${createHash('sha256').update(sagaId).digest('base64url').slice(0, 32)}`;
}
