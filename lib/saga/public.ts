/** Process managers: reading their instances. Their definitions are in `waybill`, their function in `waybill/runtime`. */
export type { SagaTimerData, SagaTimerKind } from '../definitions/index.ts';
export type { SagaTransition } from './machine/decision.ts';
export {
  SAGA_STATUSES,
  type SagaState,
  type SagaStatus,
  type StepPhase,
  type StepProgress,
} from './machine/saga-state.ts';
export type { RunningTimer, SagaHandlersDeps, SagaTimers } from './ports.ts';
export { createSagaHandlers } from './saga-handlers.ts';
export { createSagaReader, type SagaPageOptions, type SagaReader } from './saga-reader.ts';
export {
  parseSagaItem,
  type SagaHistoryEntry,
  type SagaItem,
  type SagaListing,
  type SagaRecord,
} from './saga-record.ts';
