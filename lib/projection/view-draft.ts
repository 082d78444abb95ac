import type { CloudEvent } from '../contracts/index.ts';
import type { TenantTable, TenantWrites } from '../tenancy/ports.ts';
import { draftCounters } from './draft-counters.ts';
import { draftItems } from './draft-items.ts';
import type { Projection } from './projection.ts';
import type { StoredItem, ViewKeys } from './stored-item.ts';

/** What a few events of one group change in one generation of the view, before it is written. */
export interface ViewDraft {
  /**
   * Folds the event in. Where it throws, or is `full`, the draft is as it was.
   * @throws ProjectionStepError `PROJECTION_STEP_FAILED`: the projection's code fails at the event
   */
  fold(event: CloudEvent): Promise<'folded' | 'full'>;
  /** Writes the draft; each write is conditional on what the draft was made from. */
  stage(writes: TenantWrites): void;
}

export interface DraftOptions<Item> {
  readonly projection: Projection<Item>;
  /** Of the schema that the generation's items are stored by. */
  readonly table: TenantTable<StoredItem>;
  readonly keys: ViewKeys;
  readonly generation: number;
}

export const draftView = <Item>({ projection, ...options }: DraftOptions<Item>): ViewDraft =>
  projection.kind === 'items' ? draftItems(projection, options) : draftCounters(projection, options);
