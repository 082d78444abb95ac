import type { EpochMs } from '../shared/time.ts';
import type { EventKey } from './ports.ts';

/** An event as the outbox log holds it. */
export interface OutboxEvent extends EventKey {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** The serialized CloudEvent; the relay never looks inside. */
  readonly event: string;
  readonly committedAt: EpochMs;
}

/** An insert into the outbox log, as the stream reports it. */
export type OutboxRecord =
  | { readonly kind: 'event'; readonly position: string; readonly event: OutboxEvent }
  | {
      readonly kind: 'unreadable';
      /** The stream's own sequence number: decimal digits. */
      readonly position: string;
      /** Undefined when not even the key can be read; then no marker can be meant. */
      readonly key: EventKey | undefined;
      readonly problems: readonly string[];
    };
