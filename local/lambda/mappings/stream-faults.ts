/** A batch that the function has handled, before the mapping has noted that. */
export interface StreamBatchInfo {
  readonly functionName: string;
  readonly streamArn: string;
  readonly shardId: string;
  /** Sequence number of its first record. */
  readonly sequenceNumber: string;
  /** Batches of the shard that can be handed over again, this one included. */
  readonly repeatable: number;
}

/** Trouble on demand with the place that a mapping has reached in a stream. */
export interface StreamMappingFaults {
  /**
   * How many of the newest batches of the shard were not noted as done: the mapping starts anew before them, and hands
   * their records over again, with all that follows. Nothing is lost when it answers nothing.
   */
  readonly onStreamBatch?: (batch: StreamBatchInfo) => number | undefined;
}
