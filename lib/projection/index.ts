export { type CountersProps, defineCounters, defineProjection, type ProjectionProps } from './define-projection.ts';
export { createDynamoDbGroupScanner, type DynamoDbGroupScannerOptions } from './dynamodb-group-scanner.ts';
export { createDynamoDbViewSweeper, type DynamoDbViewSweeperOptions } from './dynamodb-view-sweeper.ts';
export {
  ProjectionCatchingUpError,
  ProjectionContentionError,
  ProjectionOutdatedError,
  ProjectionRebuildRequiredError,
  ProjectionStepError,
  RebuildRefusedError,
  ViewPageError,
  ViewQueryError,
} from './errors.ts';
export type { GenerationSchema } from './generation-schema.ts';
export type { GroupScanner, ScannedGroups, SweptGenerations, ViewSweeper } from './ports.ts';
export type { Addition, CountersProjection, ItemsProjection, Projection, ViewKey } from './projection.ts';
export { createProjectionHandlers, type ProjectionHandlersDeps } from './projection-handlers.ts';
export {
  createControlReader,
  createProjectionState,
  type ProjectionState,
  type ProjectionStateOptions,
} from './projection-state.ts';
export { createProjector, type Projector, type ProjectorDeps } from './projector.ts';
export { createRebuild, type Rebuild, type RebuildDeps, type RebuildStatus, type ServedGeneration } from './rebuild.ts';
export type { SumsQuery } from './sharded-counters.ts';
export type { FailedGroup, RebuildJob, RebuildPhase } from './state-items.ts';
export { parseStoredItem, type StoredItem } from './view-items.ts';
export { viewOf } from './view-of.ts';
export { createViewReader, type Viewed, type ViewReader, type ViewReaderDeps } from './view-reader.ts';
