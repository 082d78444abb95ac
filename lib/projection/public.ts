/** Projections: reading their views. Their definitions are in `waybill`, their functions in `waybill/runtime`. */
export {
  ProjectionCatchingUpError,
  ProjectionOutdatedError,
  ProjectionRebuildRequiredError,
  ViewPageError,
  ViewQueryError,
} from './errors.ts';
export type { RebuildStatus } from './rebuild.ts';
export type { SumsQuery } from './sharded-counters.ts';
export { viewOf } from './view-of.ts';
export type { Viewed, ViewReader } from './view-reader.ts';
