import type { OutboxItem } from '../event/index.ts';

/** An event to be published, with its place in the batch. */
export type OutboxRecord = OutboxItem & {
  /** Decimal digits that grow along the batch: the stream's own sequence number, when it comes from the stream. */
  readonly position: string;
};
