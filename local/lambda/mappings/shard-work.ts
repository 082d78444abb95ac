import type { MappingRunner, RunnerDeps } from './mapping-runner.ts';
import type { Pauses } from './pauses.ts';
import { openShardReader, type ShardPlace, type ShardReader } from './shard-reader.ts';
import { createDelivery, type DeliverBatch } from './stream-delivery.ts';
import type { StreamEntry } from './stream-entry.ts';
import { createStreamLane, type StreamLane } from './stream-lane.ts';
import type { StreamMappingOptions } from './stream-mapping.ts';
import type { Shard, ShardPosition, StreamsPort } from './streams-port.ts';

export interface ShardWorkOptions extends StreamMappingOptions {
  readonly shard: Shard;
  readonly startAt: ShardPosition | ShardPlace;
  readonly pauses: Pauses;
  readonly isStopped: () => boolean;
  readonly onResult: (succeeded: boolean) => void;
  /** Called when the last record of a closed shard may be settled. */
  readonly onProgress: () => void;
}

/** One shard on its way to the function. */
export interface ShardWork extends Pick<MappingRunner, 'isBusy'> {
  /** Reads on, and goes on after a stop. */
  wake(): void;
  /** A closed shard whose last record is done or given up. */
  isSettled(): boolean;
  /** Settles when the work, told to stop, does nothing more. */
  stopped(): Promise<void>;
  /** Where one that is told to stop, and did, would go on; undefined at the end of the shard. */
  place(): ShardPlace | undefined;
}

/** From a place in the shard up to its end, or until a fault sets the place back. */
interface Pass {
  readonly reader: ShardReader;
  readonly lanes: readonly StreamLane[];
  readonly readEnded: () => boolean;
}

const LEAST_BUFFER = 200;

/** Batches that a lost checkpoint can repeat. */
const MOST_REPEATABLE = 5;

export async function openShardWork(
  deps: RunnerDeps,
  streams: StreamsPort,
  options: ShardWorkOptions,
): Promise<ShardWork> {
  const { streamArn, shard, batchSize, parallelizationFactor, pauses, isStopped, faults } = options;
  const buffer = Math.max(2 * batchSize * parallelizationFactor, LEAST_BUFFER);
  /** Set while the place is set back: then the lanes stop, and what they hold is read again. */
  let restarting: Promise<void> | undefined;
  /** First sequence numbers of the newest batches that are done. */
  let done: readonly string[] = [];
  const isHalted = () => isStopped() || restarting !== undefined;
  const deliver = createDelivery(deps, {
    ...options,
    shardId: shard.ShardId,
    pause: pauses.wait,
    isStopped: isHalted,
  });

  const deliverAndNote: DeliverBatch = async (entries) => {
    const left = await deliver(entries);
    if (left.length === 0) note(entries);
    return left;
  };

  const note = ([first]: readonly StreamEntry[]) => {
    if (faults?.onStreamBatch === undefined || first === undefined || isHalted()) return;
    const { sequenceNumber } = first;
    done = [...done, sequenceNumber].slice(-MOST_REPEATABLE);
    const repeated = faults.onStreamBatch({
      functionName: deps.target.functionName,
      streamArn,
      shardId: shard.ShardId,
      sequenceNumber,
      repeatable: done.length,
    });
    const from = repeated === undefined ? undefined : done.at(-repeated);
    if (from !== undefined) restarting = restart(pass, from);
  };

  const restart = async ({ lanes }: Pass, from: string) => {
    // the batch that is being noted must come to its end first
    await Promise.resolve();
    await Promise.all(lanes.map((lane) => lane.stopped()));
    const waiting = lanes.flatMap((lane) => lane.first() ?? []);
    done = [];
    pass = await begin({ type: 'AT_SEQUENCE_NUMBER', sequenceNumber: waiting.reduce(earlier, from) });
    restarting = undefined;
    pass.reader.wake();
  };

  const begin = async (startAt: ShardPosition | ShardPlace): Promise<Pass> => {
    let readEnded = false;
    const isHaltedOrOver = () => isHalted() || pass.lanes !== lanes;
    const onDrained = () => {
      reader.wake();
      if (readEnded) options.onProgress();
    };
    const lanes: readonly StreamLane[] = Array.from({ length: parallelizationFactor }, () =>
      createStreamLane({
        ...options,
        clock: deps.clock,
        deliver: deliverAndNote,
        isStopped: isHaltedOrOver,
        onDrained,
      }),
    );
    const reader = await openShardReader(deps, streams, {
      streamArn,
      shardId: shard.ShardId,
      startAt,
      pauses,
      isStopped: isHaltedOrOver,
      onEntry: (entry) => lanes[entry.itemHash % lanes.length]?.add(entry),
      room: () => buffer - backlogOf(lanes),
      onEnd: () => {
        readEnded = true;
        options.onProgress();
      },
    });
    return { reader, lanes, readEnded: () => readEnded };
  };

  let pass: Pass = await begin(options.startAt);

  return {
    wake() {
      if (restarting !== undefined) return;
      for (const lane of pass.lanes) lane.resume();
      pass.reader.wake();
    },
    place() {
      const place = pass.reader.place();
      const [first, ...others] = pass.lanes.flatMap((lane) => lane.first() ?? []);
      if (first === undefined) return pass.readEnded() ? undefined : place;
      const sequenceNumber = others.reduce(earlier, first);
      return { ...place, position: { type: 'AT_SEQUENCE_NUMBER', sequenceNumber }, iterator: undefined };
    },
    isSettled: () => restarting === undefined && pass.readEnded() && backlogOf(pass.lanes) === 0,
    isBusy: () => restarting !== undefined || pass.reader.isReading() || backlogOf(pass.lanes) > 0,
    async stopped() {
      await restarting;
      await Promise.all(pass.lanes.map((lane) => lane.stopped()));
    },
  };
}

const backlogOf = (lanes: readonly StreamLane[]): number => lanes.reduce((sum, lane) => sum + lane.size(), 0);

/** Sequence numbers grow in length before they grow in their digits. */
const earlier = (a: string, b: string): string => (a.length < b.length || (a.length === b.length && a < b) ? a : b);

/** A shard that another runner has brought to its end. */
export const settledShard: ShardWork = {
  wake: () => {},
  isBusy: () => false,
  isSettled: () => true,
  stopped: async () => {},
  place: () => undefined,
};
