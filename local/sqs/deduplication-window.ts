import type { Clock } from '../../lib/shared/time.ts';
import { createLinkedSet } from './linked-set.ts';

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html */
const DEDUPLICATION_MS = 5 * 60_000;

/** Remembers values by key for five minutes, whatever becomes of the messages that they stand for. */
export interface DeduplicationWindow<T> {
  find(key: string): T | undefined;
  remember(key: string, value: T): void;
  forget(key: string): void;
  forgetAll(): void;
}

interface Remembered<T> {
  readonly key: string;
  readonly value: T;
  readonly until: number;
}

export function createDeduplicationWindow<T>(clock: Clock): DeduplicationWindow<T> {
  const byKey = new Map<string, Remembered<T>>();
  const byAge = createLinkedSet<Remembered<T>>();

  const forget = (key: string) => {
    const remembered = byKey.get(key);
    if (remembered === undefined) return;
    byKey.delete(key);
    byAge.remove(remembered);
  };

  const expire = () => {
    const now = clock.now();
    for (let oldest = byAge.first(); oldest !== undefined && oldest.until <= now; oldest = byAge.first()) {
      forget(oldest.key);
    }
  };

  return {
    find(key) {
      expire();
      return byKey.get(key)?.value;
    },
    remember(key, value) {
      forget(key);
      const remembered = { key, value, until: clock.now() + DEDUPLICATION_MS };
      byKey.set(key, remembered);
      byAge.append(remembered);
    },
    forget,
    forgetAll() {
      for (const key of [...byKey.keys()]) forget(key);
    },
  };
}
