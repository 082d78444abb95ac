import type { EngineClock } from '../../clock.ts';
import type { RunLog } from '../../log.ts';
import type { InvokeResult } from '../invocation.ts';
import type { ShardPlace } from './shard-reader.ts';

/** The function that a mapping feeds. */
export interface MappingTarget {
  readonly functionName: string;
  readonly functionArn: string;
  /**
   * Waits for its turn when the function has no free environment.
   * @param causes trace headers that the records came with.
   */
  invoke(payload: string, causes?: readonly string[]): Promise<InvokeResult>;
  /** How many invocations could start at once. */
  capacity(): number;
  /** Calls `listener` once, as soon as an invocation ends that leaves capacity. */
  onceFree(listener: () => void): void;
}

export interface RunnerDeps {
  readonly uuid: string;
  readonly clock: EngineClock;
  readonly log: RunLog;
  readonly target: MappingTarget;
  /** True for a record that one of the mapping's patterns matches, or if it has none. */
  readonly accepts: (record: object) => boolean;
}

/** `OK` or `PROBLEM: …` once something was delivered, as GetEventSourceMapping tells it. */
export type ProcessingResult = 'No records processed' | 'OK' | 'PROBLEM: Function call failed';

/** A mapping at work. */
export interface MappingRunner {
  /** Goes on where it stopped. */
  start(): void;
  /** Takes nothing new; settles when what is at the function has come to its end. */
  stop(): Promise<void>;
  /** True while it holds records that are not settled. */
  isBusy(): boolean;
  lastResult(): ProcessingResult;
  /** Of a stream, once it has stopped: where another runner goes on. */
  places?(): MappingPlaces;
}

/** By shard. */
export type MappingPlaces = ReadonlyMap<string, ShardPlace | 'settled'>;

/** Payload limit of an invocation by a mapping. */
export const MAX_BATCH_BYTES = 6 * 1024 * 1024;

/** The event that carries these records, each already serialized. */
export const eventOf = (records: readonly string[]): string => `{"Records":[${records.join(',')}]}`;
