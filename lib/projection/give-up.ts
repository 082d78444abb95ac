import type { ProjectionState } from './projection-state.ts';
import type { Control, RebuildJob } from './state-items.ts';

/** Ends a rebuild whose generation is not to serve; what it has built is deleted by the next step, of it or of another. */
export const giveUp = (
  state: Pick<ProjectionState, 'save'>,
  control: Control,
  job: RebuildJob,
): Promise<'saved' | 'conflict'> =>
  state.save({
    control: { ...control, building: undefined },
    job: { ...job, phase: 'cleaning', outcome: 'aborted', scanKey: undefined },
  });
