import { v7 } from 'uuid';
import type { Clock } from '../shared/time.ts';

/** Creates ids. MUST never return the same id twice. */
export interface EventIds {
  /** UUIDv7. */
  newEventId(): string;
  /** UUID, of any version. */
  newCorrelationId(): string;
  /** 32 lower-case hex digits, not all zero: W3C trace-id. */
  newTraceId(): string;
  /** 16 lower-case hex digits, not all zero: W3C parent-id. */
  newSpanId(): string;
}

/** @param randomBytes returns that many random bytes, for example `crypto.randomBytes` */
export function createEventIds(clock: Clock, randomBytes: (count: number) => Uint8Array): EventIds {
  const hex = (count: number) => {
    for (;;) {
      const digits = Buffer.from(randomBytes(count)).toString('hex');
      if (/[1-9a-f]/.test(digits)) return digits;
    }
  };
  const uuid = () => v7({ msecs: clock.now(), random: randomBytes(16) });
  return {
    newEventId: uuid,
    newCorrelationId: uuid,
    newTraceId: () => hex(16),
    newSpanId: () => hex(8),
  };
}
