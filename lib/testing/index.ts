export type { ApiUnderTest, CallOutcome, RouteCall } from './api-under-test.ts';
export type { AgainOptions, ConsumerUnderTest, PublishOptions, WhenOptions } from './consumer-under-test.ts';
export { EventNotTakenError, GivenFailedError, HarnessUseError, NoEndError } from './errors.ts';
export { type Given, type Happened, happened } from './given.ts';
export {
  createHarness,
  DEFAULT_START,
  type Harness,
  type HarnessOptions,
  type HarnessTable,
} from './harness.ts';
export { createInMemoryTables } from './in-memory-tables.ts';
export type { CommittedEvent, CommittedWrite, StepFailure, StepKind, StepOutcome } from './outcome.ts';
export { DEFAULT_MAX_DELIVERIES, type DeadLetterOfRun, type RunOptions, type RunSummary } from './run-to-end.ts';
export { createSilentLogger, createSilentMetrics } from './silent-telemetry.ts';
export type { CrashPoint } from './watched-store.ts';
export type { SentWebhook, WebhookUnderTest } from './webhook-under-test.ts';
