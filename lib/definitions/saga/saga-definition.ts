import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { EventDefinition } from '../event-definition.ts';

/** Why a saga is compensated; the first reason if there are several. */
export type SagaFailure =
  /** A step's failure event was received. */
  | { readonly kind: 'refused'; readonly step: string; readonly eventType: string }
  /** A step timed out. */
  | { readonly kind: 'timeout'; readonly step: string }
  /** An event of `abortedBy` was received before the pivot succeeded. */
  | { readonly kind: 'aborted'; readonly eventType: string };

// members with data are methods, so that any definition is assignable to SagaDefinition

/** An event to be published, made from the saga's data. */
export interface SagaCommand<Data = unknown> {
  readonly event: EventDefinition;
  dataOf(saga: Data): unknown;
}

/** Like a command, for events that are published after the saga has failed. */
export interface SagaFailureCommand<Data = unknown> {
  readonly event: EventDefinition;
  dataOf(saga: Data, failure: SagaFailure): unknown;
}

/** An event that the saga receives, and how it changes the saga's data. */
export interface SagaReply<Data = unknown> {
  readonly event: EventDefinition;
  evolve(saga: Data, event: unknown): Data;
}

/** An event that starts a saga, and the saga's initial data. */
export interface SagaStart<Data = unknown> {
  readonly event: EventDefinition;
  dataOf(event: unknown): Data;
}

export interface SagaCompensation<Data = unknown> {
  readonly command: SagaFailureCommand<Data>;
  readonly success: readonly SagaReply<Data>[];
  readonly failure: readonly SagaReply<Data>[];
  readonly timeoutSeconds: number;
  readonly maxAttempts: number;
  readonly retryDelaySeconds: number;
}

export interface SagaStep<Data = unknown> {
  readonly name: string;
  readonly command: SagaCommand<Data>;
  readonly success: readonly SagaReply<Data>[];
  readonly failure: readonly SagaReply<Data>[];
  readonly compensation: SagaCompensation<Data> | undefined;
  readonly timeoutSeconds: number;
  /** How often the command is sent again before the step times out; Infinity for no limit. */
  readonly sendAgain: number;
  readonly pivot: boolean;
}

/** The role of an event in the saga. */
export type SagaRole =
  | { readonly kind: 'start'; readonly start: SagaStart }
  | { readonly kind: 'abort'; readonly reply: SagaReply }
  | {
      readonly kind: 'reply';
      readonly step: SagaStep;
      readonly to: 'command' | 'compensation';
      readonly outcome: 'success' | 'failure';
      readonly reply: SagaReply;
    };

/** How events for a saga that does not exist are handled. */
export type UnknownSagaPolicy = 'ignore' | 'fail';

/** Input and output of a migration: the data, and the progress of each step. */
export interface MigratedSaga {
  readonly data: unknown;
  /** Progress by step name; absent or undefined if the command was never sent. */
  readonly steps: Readonly<Record<string, { readonly phase: string } | undefined>>;
}

/** Migrates a running instance from one version to the next. The result is validated against the new version. */
export type SagaMigration = (saga: MigratedSaga) => MigratedSaga;

/** The declaration of a process manager, returned by `defineSaga`. */
export interface SagaDefinition<Name extends string = string> {
  readonly name: Name;
  readonly version: number;
  readonly schema: StandardSchemaV1;
  readonly correlateBy: string;
  /** Stages in order. The steps of one stage run in parallel. */
  readonly stages: readonly (readonly SagaStep[])[];
  /** By event type. */
  readonly roles: ReadonlyMap<string, SagaRole>;
  readonly answers: {
    readonly completed: SagaCommand | undefined;
    readonly failed: SagaFailureCommand | undefined;
  };
  readonly unknownSagas: UnknownSagaPolicy;
  readonly retentionDays: number;
  readonly migrations: Readonly<Record<number, SagaMigration>>;
}

/** Every step, in order of declaration. */
export const stepsOf = ({ stages }: Pick<SagaDefinition, 'stages'>): readonly SagaStep[] => stages.flat();
