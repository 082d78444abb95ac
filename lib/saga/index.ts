export {
  SagaDataError,
  SagaIdError,
  SagaItemError,
  SagaListError,
  SagaMigrationError,
  SagaRaceLostError,
  SagaTimerMessageError,
  SagaTimersUnavailableError,
  SagaUnknownError,
  SagaVersionUnknownError,
} from './errors.ts';
export { SAGA_STATUSES, type SagaStatus, type StepPhase, type StepProgress } from './machine/saga-state.ts';
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
export { readTimerMessage, timerContextOf, timerName, writeTimerMessage } from './saga-timer.ts';
export { createSchedulerTimers, type SchedulerTimersOptions } from './scheduler-timers.ts';
