import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { EventDataOf, EventDefinition, EventInputOf } from '../event-definition.ts';
import type {
  SagaCommand,
  SagaFailure,
  SagaFailureCommand,
  SagaMigration,
  SagaReply,
  SagaStart,
  UnknownSagaPolicy,
} from './saga-definition.ts';

/** The string members of `Data`. */
export type TextKeyOf<Data> = { [Key in keyof Data]: Data[Key] extends string ? Key : never }[keyof Data] & string;

/** An event whose data contains the saga's id. */
export type Correlated<Key extends string> = EventDefinition<
  string,
  // biome-ignore lint/suspicious/noExplicitAny: any schema whose output has the member
  StandardSchemaV1<any, Readonly<Record<Key, string>>>
>;

export interface SagaIdentity<Name extends string, Data extends object, Key extends TextKeyOf<Data>> {
  /** Name of its consumer, unique per hub: 1 to 40 lower-case letters, digits and hyphens, starting with a letter. */
  readonly name: Name;
  /** A whole number from 1. Raise it with each change that is not compatible with running instances. */
  readonly version: number;
  /**
   * Schema of an instance's data, of any Standard Schema library. The validated data is stored as JSON and validated
   * again when it is read: a date is a string, or coerced from one.
   */
  readonly data: StandardSchemaV1<Data, Data>;
  /** The member with the instance's id, in the saga's data and in the data of every event that it receives or sends. */
  readonly correlateBy: Key;
  /**
   * Migrations of running instances, by the version that they migrate from. @default - instances keep their version,
   * which must be registered beside this one
   */
  readonly migrations?: Readonly<Record<number, SagaMigration>>;
  /** How replies, aborts and timers of an instance that does not exist are handled. @default 'ignore' */
  readonly unknownSagas?: UnknownSagaPolicy;
  /**
   * Retention of finished instances and of history entries, in days: 30 to 3650. @default
   * DEFAULT_SAGA_RETENTION_DAYS
   */
  readonly retentionDays?: number;
}

export type OneOrMore<Item> = Item | readonly Item[];

export interface SagaCompensationProps<Data> {
  /** MUST undo the step's command or prevent it from being executed, and MUST be answered in both cases. */
  readonly command: SagaFailureCommand<Data>;
  readonly success: OneOrMore<SagaReply<Data>>;
  /** @default - none: only a timeout shows that it failed */
  readonly failure?: OneOrMore<SagaReply<Data>>;
  /** Seconds after which the command is sent again: 60 to 31536000 (a year). @default DEFAULT_STEP_TIMEOUT_SECONDS */
  readonly timeoutSeconds?: number;
  /**
   * Maximum number of commands, 1 to 100, before the saga is `compensation-failed`. @default
   * DEFAULT_COMPENSATION_ATTEMPTS
   */
  readonly maxAttempts?: number;
  /** Seconds from a failure event to the next command: 60 to 86400 (a day). @default DEFAULT_RETRY_DELAY_SECONDS */
  readonly retryDelaySeconds?: number;
}

/** With `sendAgain` the receiver of the command MUST be idempotent and answer again. */
export type OnTimeout = 'compensate' | { readonly sendAgain: number | 'until-answered' };

export interface SagaStepProps<Data> {
  /** Unique in the saga: 1 to 40 lower-case letters, digits and hyphens, starting with a letter. */
  readonly name: string;
  readonly command: SagaCommand<Data>;
  readonly success: OneOrMore<SagaReply<Data>>;
  /** @default - none: the step cannot fail */
  readonly failure?: OneOrMore<SagaReply<Data>>;
  /** @default - none: the step needs no compensation */
  readonly compensation?: SagaCompensationProps<Data>;
  /** 60 to 31536000 (a year). @default DEFAULT_STEP_TIMEOUT_SECONDS */
  readonly timeoutSeconds?: number;
  /**
   * `compensate`: the step times out and is compensated too, because it may have been executed. `sendAgain`: the
   * command is sent again 1 to 100 times before the step times out, or until it is answered.
   * @default - 'compensate'; from the pivot on { sendAgain: 'until-answered' }
   */
  readonly onTimeout?: OnTimeout;
  /**
   * The pivot of the saga. While it is pending, an abort waits for its outcome. After its success the saga is no longer
   * compensated, and the steps after it must succeed eventually. @default false
   */
  readonly pivot?: boolean;
}

export interface ParallelSteps<Data> {
  readonly parallel: readonly SagaStepProps<Data>[];
}

export interface SagaBehaviour<Data> {
  /** The events that start an instance. An instance starts once. */
  readonly startedBy: OneOrMore<SagaStart<Data>>;
  /** The steps in order. */
  readonly steps: readonly (SagaStepProps<Data> | ParallelSteps<Data>)[];
  /** The events that abort a running instance, unless the pivot has succeeded. @default - none */
  readonly abortedBy?: OneOrMore<SagaReply<Data>>;
  /** The events that are published at its end. @default - none */
  readonly answers?: {
    readonly completed?: SagaCommand<Data>;
    /** Published when all steps are compensated. */
    readonly failed?: SagaFailureCommand<Data>;
  };
}

/** The functions with which a declaration is written. `saga` is the instance's data. */
export interface SagaWords<Data extends object, Key extends string> {
  /** Declares a start event and the initial data. */
  start<Event extends Correlated<Key>>(event: Event, dataOf: (event: EventDataOf<Event>) => Data): SagaStart<Data>;
  /** Declares a command, or the answer of a completed saga. */
  send<Event extends Correlated<Key>>(event: Event, dataOf: (saga: Data) => EventInputOf<Event>): SagaCommand<Data>;
  /** Declares a compensation, or the answer of a failed saga with its reason. */
  sendFailure<Event extends Correlated<Key>>(
    event: Event,
    dataOf: (saga: Data, failure: SagaFailure) => EventInputOf<Event>,
  ): SagaFailureCommand<Data>;
  /**
   * Declares a reply.
   * @param evolve returns the new data; MUST be pure
   * @default evolve - the data does not change
   */
  on<Event extends Correlated<Key>>(
    event: Event,
    evolve?: (saga: Data, event: EventDataOf<Event>) => Data,
  ): SagaReply<Data>;
  /** Declares two or more steps that run in parallel. The next step starts after all of them. */
  parallel(steps: readonly SagaStepProps<Data>[]): ParallelSteps<Data>;
}
