import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { EventDefinition } from '../event-definition.ts';

/** Why a saga is undone; the first of several reasons. */
export type SagaFailure =
  /** A step's failure event came. */
  | { readonly kind: 'refused'; readonly step: string; readonly eventType: string }
  /** A step was not answered in time. */
  | { readonly kind: 'timeout'; readonly step: string }
  /** An event of `abortedBy` came in time. */
  | { readonly kind: 'aborted'; readonly eventType: string };

// members that take data are methods, so that a definition of one saga passes where any is taken

/** An event to be published, made from the saga's data. */
export interface SagaCommand<Data = unknown> {
  readonly event: EventDefinition;
  dataOf(saga: Data): unknown;
}

/** As a command, for what is sent once the saga has failed. */
export interface SagaFailureCommand<Data = unknown> {
  readonly event: EventDefinition;
  dataOf(saga: Data, failure: SagaFailure): unknown;
}

/** An event that the saga takes, and what it makes of its data. */
export interface SagaReply<Data = unknown> {
  readonly event: EventDefinition;
  evolve(saga: Data, event: unknown): Data;
}

/** An event that begins a saga, and the data that it begins with. */
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
  /** How often the command is sent again before time gives the step up; Infinity: it never does. */
  readonly sendAgain: number;
  readonly pivot: boolean;
}

/** What an event means to the saga. */
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

/** What is done with an event for a saga that does not exist. */
export type UnknownSagaPolicy = 'ignore' | 'fail';

/** What a migration gets and gives: the data, and how far each step is. */
export interface MigratedSaga {
  readonly data: unknown;
  /** By step name; a step whose command was never sent is absent, or undefined. */
  readonly steps: Readonly<Record<string, { readonly phase: string } | undefined>>;
}

/** Brings a running instance of one version to the next. The result is checked against the version it reaches. */
export type SagaMigration = (saga: MigratedSaga) => MigratedSaga;

/** A process manager as declared. Get one from `defineSaga`. */
export interface SagaDefinition<Name extends string = string> {
  readonly name: Name;
  readonly version: number;
  readonly schema: StandardSchemaV1;
  readonly correlateBy: string;
  /** Stage after stage; the steps of one stage run side by side. */
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
