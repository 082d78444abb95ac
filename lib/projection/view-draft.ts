import type { CloudEvent } from '../contracts/index.ts';
import type { TenantWrites } from '../tenancy/ports.ts';

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
