/** Projections: reading their views. Their definitions are in `waybill`, their functions in `waybill/runtime`. */
export {
  ProjectionCatchingUpError,
  ProjectionOutdatedError,
  ProjectionRebuildRequiredError,
  ViewPageError,
  ViewQueryError,
} from './errors.ts';
export type { GenerationSchema } from './generation-schema.ts';
export type { RebuildStatus, ServedGeneration } from './rebuild.ts';
export type { SumsQuery } from './sharded-counters.ts';
export type { FailedGroup, Generation, RebuildJob, RebuildPhase } from './state-items.ts';
export { viewOf } from './view-of.ts';
export type { Viewed, ViewReader } from './view-reader.ts';
