import { type AttributeValue, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CURSORS_INDEX, METRIC } from '../definitions/index.ts';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Metrics of one consumer: the dimension `service` is its name. */
export interface GaugeMetrics {
  addMetric(name: string, unit: 'Count' | 'Milliseconds', value: number): unknown;
  publishStoredMetrics(): unknown;
}

export interface WaitingGaugeOptions {
  readonly client: DynamoDBClient;
  /** The cursors table. */
  readonly tableName: string;
  readonly clock: Clock;
  readonly metricsOf: (consumer: string) => GaugeMetrics;
  readonly logger: { warn(message: string, fields: Fields): void };
  /** Items per page. @default 1_000 */
  readonly pageItems?: number;
}

/**
 * Emits, for each consumer, the number of waiting groups, the number of held groups, and the age of the oldest wait; and
 * the number of paused groups, and the age of the oldest pause. A paused group counts as paused only.
 */
export interface WaitingGauge {
  /** Runs for at most `remainingMs`. The next run continues an unfinished count. */
  run(remainingMs: number): Promise<void>;
}

interface Waiting {
  groups: number;
  held: number;
  oldestSince: number;
  paused: number;
  oldestPause: number;
}

const nothingWaits = (): Waiting => ({
  groups: 0,
  held: 0,
  oldestSince: Number.POSITIVE_INFINITY,
  paused: 0,
  oldestPause: Number.POSITIVE_INFINITY,
});

/** An unfinished scan of the sparse indexes. */
interface Round {
  readonly consumers: Map<string, Waiting>;
  readonly indexes: string[];
  startKey: Record<string, AttributeValue> | undefined;
}

const newRound = (): Round => ({
  consumers: new Map(),
  indexes: [CURSORS_INDEX.waitingShard, CURSORS_INDEX.waiting],
  startKey: undefined,
});

export function createWaitingGauge(options: WaitingGaugeOptions): WaitingGauge {
  const { client, tableName, clock, metricsOf, logger, pageItems = 1_000 } = options;
  let round = newRound();

  const readPage = async (IndexName: string): Promise<void> => {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new ScanCommand({
        TableName: tableName,
        IndexName,
        Limit: pageItems,
        ProjectionExpression: '#consumer, #since, #waitingFor.#state, #paused.#pausedSince',
        ExpressionAttributeNames: {
          '#consumer': 'consumer',
          '#since': 'waitingSince',
          '#waitingFor': 'waitingFor',
          '#state': 'state',
          '#paused': 'paused',
          '#pausedSince': 'since',
        },
        ExclusiveStartKey: round.startKey,
      }),
    );
    for (const item of Items) count(item);
    round.startKey = LastEvaluatedKey;
    if (LastEvaluatedKey === undefined) round.indexes.shift();
  };

  const count = (item: Record<string, AttributeValue>): void => {
    const consumer = item['consumer']?.S ?? '';
    const since = Number(item['waitingSince']?.N);
    const isHeld = item['waitingFor']?.M?.['state']?.S === 'dead';
    const known = round.consumers.get(consumer) ?? nothingWaits();
    round.consumers.set(consumer, known);
    const pausedSince = item['paused']?.M?.['since']?.N;
    if (pausedSince !== undefined) {
      known.paused += 1;
      known.oldestPause = Math.min(known.oldestPause, Number(pausedSince));
      return;
    }
    known.groups += 1;
    known.held += isHeld ? 1 : 0;
    known.oldestSince = Math.min(known.oldestSince, since);
  };

  const emit = (now: EpochMs): void => {
    for (const [consumer, { groups, held, oldestSince, paused, oldestPause }] of round.consumers) {
      const metrics = metricsOf(consumer);
      if (groups > 0) {
        metrics.addMetric(METRIC.waitingGroups, 'Count', groups);
        metrics.addMetric(METRIC.heldGroups, 'Count', held);
        metrics.addMetric(METRIC.oldestWaitAge, 'Milliseconds', Math.max(0, now - oldestSince));
      }
      if (paused > 0) {
        metrics.addMetric(METRIC.pausedGroups, 'Count', paused);
        metrics.addMetric(METRIC.oldestPauseAge, 'Milliseconds', Math.max(0, now - oldestPause));
      }
      metrics.publishStoredMetrics();
    }
  };

  return {
    async run(remainingMs) {
      const endsAt = addMs(clock.now(), remainingMs);
      for (let [index] = round.indexes; index !== undefined; [index] = round.indexes) {
        if (clock.now() >= endsAt) {
          const counted = [...round.consumers.values()].reduce((sum, { groups, paused }) => sum + groups + paused, 0);
          logger.warn('not enough time to count all waiting groups: the next run continues', { counted });
          return;
        }
        await readPage(index);
      }
      emit(clock.now());
      round = newRound();
    },
  };
}
