import type { GroupPause } from '../consumer/index.ts';
import type { ConsumerPauseStore, PauseRecord } from '../operations/ports.ts';

/** A store for tests, with the records of pauses that have ended. */
export function createInMemoryConsumerPauseStore(): ConsumerPauseStore & { readonly ended: readonly PauseRecord[] } {
  let current: GroupPause | undefined;
  const ended: PauseRecord[] = [];
  return {
    ended,
    find: async () => current,
    async begin(pause) {
      current ??= pause;
      return current;
    },
    async end(record) {
      if (current?.since !== record.since) return;
      current = undefined;
      ended.push(record);
    },
  };
}
