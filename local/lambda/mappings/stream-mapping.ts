import type { StartingPosition } from './configuration.ts';
import type { FailureDestination } from './failure-destination.ts';
import type { MappingPlaces, MappingRunner, ProcessingResult, RunnerDeps } from './mapping-runner.ts';
import { createPauses } from './pauses.ts';
import type { ShardPlace } from './shard-reader.ts';
import { openShardWork, type ShardWork, settledShard } from './shard-work.ts';
import type { StreamMappingFaults } from './stream-faults.ts';
import type { Shard, ShardPosition, StreamsPort } from './streams-port.ts';

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
  readonly faults: StreamMappingFaults | undefined;
  /** Where another runner of this mapping has come to. @default the starting position */
  readonly places?: MappingPlaces | undefined;
}

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
  const { streamArn } = options;
  const pauses = createPauses(clock);
  const works = new Map<string, ShardWork>();
  let enabled = false;
  let discovering = false;
  let endListening: (() => void) | undefined;
  let lastResult: ProcessingResult = 'No records processed';
  const isStopped = () => !enabled;

  const openShard = async (shard: Shard, startAt: ShardPosition | ShardPlace) => {
    const work = await openShardWork(deps, streams, {
      ...options,
      shard,
      startAt,
      pauses,
      isStopped,
      onResult: (succeeded) => {
        lastResult = succeeded ? 'OK' : 'PROBLEM: Function call failed';
      },
      onProgress: () => void discover(),
    });
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
        if (parent !== undefined && listed.has(parent) && works.get(parent)?.isSettled() !== true) continue;
        await openShard(shard, { type: 'TRIM_HORIZON' });
        works.get(shard.ShardId)?.wake();
      }
    } catch (error) {
      log('error', target.functionName, `cannot describe ${streamArn}; its next record brings another try`, { error });
    } finally {
      discovering = false;
    }
  };

  const wakeAll = () => {
    if (works.size === 0 || [...works.values()].every((work) => work.isSettled())) void discover();
    for (const work of works.values()) work.wake();
  };

  const shards = await streams.shards(streamArn);
  const listed = new Set(shards.map(({ ShardId }) => ShardId));
  for (const shard of shards) {
    const place = options.places?.get(shard.ShardId);
    if (place === 'settled') works.set(shard.ShardId, settledShard);
    else if (place !== undefined) await openShard(shard, place);
    // the others follow those
    if (options.places !== undefined) continue;
    const isRoot = shard.ParentShardId === undefined || !listed.has(shard.ParentShardId);
    if (isRoot || options.startingPosition === 'LATEST') await openShard(shard, { type: options.startingPosition });
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
      await Promise.all([...works.values()].map((work) => work.stopped()));
    },
    isBusy: () => discovering || [...works.values()].some((work) => work.isBusy()),
    lastResult: () => lastResult,
    places: () => new Map([...works].map(([shardId, work]) => [shardId, work.place() ?? 'settled'])),
  };
}
