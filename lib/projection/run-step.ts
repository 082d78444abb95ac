import type { CloudEvent } from '../contracts/index.ts';
import { ProjectionStepError } from './errors.ts';
import type { OpaqueProjection } from './projection.ts';

/** Runs the projection's own code. @throws ProjectionStepError `PROJECTION_STEP_FAILED` where that throws */
export function runStep<Result>({ name }: OpaqueProjection, event: CloudEvent, step: () => Result): Result {
  try {
    return step();
  } catch (cause) {
    const place = { group: event.partitionkey, sequence: Number(event.sequence), type: event.type };
    throw new ProjectionStepError(name, place, cause);
  }
}
