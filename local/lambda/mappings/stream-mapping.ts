import type { StartingPosition } from './configuration.ts';
import type { FailureDestination } from './failure-destination.ts';
import type { MappingRunner, ProcessingResult, RunnerDeps } from './mapping-runner.ts';
import { createPauses } from './pauses.ts';
import { openShardReader, type ShardReader } from './shard-reader.ts';
import { createDelivery } from './stream-delivery.ts';
import { createStreamLane, type StreamLane } from './stream-lane.ts';
import type { Shard, StreamsPort } from './streams-port.ts';

export interface StreamMappingOptions {
  readonly streamArn: string;
  readonly startingPosition: StartingPosition;
  readonly batchSize: number;
  readonly windowMs: number;
  /** Batches of a shard at a time. */
  readonly parallelizationFactor: number;
  readonly reportBatchItemFailures: boolean;
  readonly bisectBatchOnFunctionError: boolean;
  readonly maximumRetryAttempts: number;
  readonly maximumRecordAgeMs: number;
  readonly destination: FailureDestination | undefined;
  /** Tells of new records in the stream; the returned function ends that. */
  readonly onStreamRecords: (listener: () => void) => () => void;
}

interface ShardWork {
  readonly shard: Shard;
  readonly reader: ShardReader;
  readonly lanes: readonly StreamLane[];
  readEnded: boolean;
}

const LEAST_BUFFER = 200;

/**
 * Feeds a DynamoDB stream to a function: every shard after its parent, and within a shard every item's records in order.
 * Its place in the stream is held in memory, also while it is stopped.
 */
export async function openStreamMapping(
  deps: RunnerDeps,
  streams: StreamsPort,
  options: StreamMappingOptions,
): Promise<MappingRunner> {
  const { clock, log, target } = deps;
  const { streamArn, batchSize, parallelizationFactor } = options;
  const pauses = createPauses(clock);
  const works = new Map<string, ShardWork>();
  let enabled = false;
  let discovering = false;
  let endListening: (() => void) | undefined;
  let lastResult: ProcessingResult = 'No records processed';
  const isStopped = () => !enabled;
  const buffer = Math.max(2 * batchSize * parallelizationFactor, LEAST_BUFFER);

  const openShard = async (shard: Shard, startAt: StartingPosition) => {
    const deliver = createDelivery(deps, {
      ...options,
      shardId: shard.ShardId,
      pause: pauses.wait,
      isStopped,
      onResult: (succeeded) => {
        lastResult = succeeded ? 'OK' : 'PROBLEM: Function call failed';
      },
    });
    const onDrained = () => {
      work.reader.wake();
      if (work.readEnded) void discover();
    };
    const lanes = Array.from({ length: parallelizationFactor }, () =>
      createStreamLane({ clock, pauses, batchSize, windowMs: options.windowMs, deliver, isStopped, onDrained }),
    );
    const reader = await openShardReader(deps, streams, {
      streamArn,
      shardId: shard.ShardId,
      startAt,
      pauses,
      isStopped,
      onEntry: (entry) => lanes[entry.itemHash % lanes.length]?.add(entry),
      room: () => buffer - backlogOf(lanes),
      onEnd: () => {
        work.readEnded = true;
        void discover();
      },
    });
    const work: ShardWork = { shard, reader, lanes, readEnded: false };
    works.set(shard.ShardId, work);
  };

  /** Children of a shard follow when the last record of it is settled. */
  const discover = async () => {
    if (discovering || isStopped()) return;
    discovering = true;
    try {
      const shards = await streams.shards(streamArn);
      const listed = new Set(shards.map(({ ShardId }) => ShardId));
      for (const shard of shards) {
        const parent = shard.ParentShardId;
        if (works.has(shard.ShardId)) continue;
        if (parent !== undefined && listed.has(parent) && !isSettled(works.get(parent))) continue;
        await openShard(shard, 'TRIM_HORIZON');
        works.get(shard.ShardId)?.reader.wake();
      }
    } catch (error) {
      log('error', target.functionName, `cannot describe ${streamArn}; its next record brings another try`, { error });
    } finally {
      discovering = false;
    }
  };

  const wakeAll = () => {
    if (works.size === 0 || [...works.values()].every(isSettled)) void discover();
    for (const { reader, lanes } of works.values()) {
      for (const lane of lanes) lane.resume();
      reader.wake();
    }
  };

  const shards = await streams.shards(streamArn);
  const listed = new Set(shards.map(({ ShardId }) => ShardId));
  for (const shard of shards) {
    const isRoot = shard.ParentShardId === undefined || !listed.has(shard.ParentShardId);
    if (isRoot || options.startingPosition === 'LATEST') await openShard(shard, options.startingPosition);
  }

  return {
    start() {
      if (enabled) return;
      enabled = true;
      endListening = options.onStreamRecords(wakeAll);
      wakeAll();
    },
    async stop() {
      enabled = false;
      endListening?.();
      endListening = undefined;
      pauses.cutShort();
      await Promise.all([...works.values()].flatMap(({ lanes }) => lanes.map((lane) => lane.stopped())));
    },
    isBusy: () =>
      discovering || [...works.values()].some(({ reader, lanes }) => reader.isReading() || backlogOf(lanes) > 0),
    lastResult: () => lastResult,
  };
}

const backlogOf = (lanes: readonly StreamLane[]): number => lanes.reduce((sum, lane) => sum + lane.size(), 0);

const isSettled = (work: ShardWork | undefined): boolean => work?.readEnded === true && backlogOf(work.lanes) === 0;
