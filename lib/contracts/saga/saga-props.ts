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

/** The members of `Data` that hold text. */
export type TextKeyOf<Data> = { [Key in keyof Data]: Data[Key] extends string ? Key : never }[keyof Data] & string;

/** An event whose data names the saga that it belongs to. */
type Correlated<Key extends string> = EventDefinition<
  string,
  // biome-ignore lint/suspicious/noExplicitAny: any schema whose output has the member
  StandardSchemaV1<any, Readonly<Record<Key, string>>>
>;

export interface SagaIdentity<Name extends string, Data extends object, Key extends TextKeyOf<Data>> {
  /** Name of its consumer, unique per hub: 1 to 40 lower-case letters, digits and hyphens, a letter first. */
  readonly name: Name;
  /** A whole number from 1; raise it with each change that running instances would not understand. */
  readonly version: number;
  /** What an instance knows, as JSON; of any library that speaks Standard Schema. It is stored as JSON, as validated, and validated again when read: a date is a text, or coerced from one. */
  readonly data: StandardSchemaV1<Data, Data>;
  /** The member that names the instance, in the saga's data and in the data of every event that it takes or sends. */
  readonly correlateBy: Key;
  /** By the version that they start from: how running instances of earlier versions go on with this one. @default - they go on with their own, which must then be registered beside this one */
  readonly migrations?: Readonly<Record<number, SagaMigration>>;
  /** What is done with replies, aborts and timers of an instance that does not exist. @default 'ignore' */
  readonly unknownSagas?: UnknownSagaPolicy;
  /** How long a finished instance, and each entry of the history, is kept: 30 to 3650 days. @default DEFAULT_SAGA_RETENTION_DAYS */
  readonly retentionDays?: number;
}

type OneOrMore<Item> = Item | readonly Item[];

export interface SagaCompensationProps<Data> {
  /** MUST undo what the step's command did, or keep it from ever being done, and MUST be answered in both cases. */
  readonly command: SagaFailureCommand<Data>;
  readonly success: OneOrMore<SagaReply<Data>>;
  /** @default - none: only time tells that it did not work */
  readonly failure?: OneOrMore<SagaReply<Data>>;
  /** After which the command is sent again: 60 to 31536000 (a year). @default DEFAULT_STEP_TIMEOUT_SECONDS */
  readonly timeoutSeconds?: number;
  /** Commands in all, 1 to 100, before the saga is `compensation-failed`. @default DEFAULT_COMPENSATION_ATTEMPTS */
  readonly maxAttempts?: number;
  /** From a failure event to the next command: 60 to 86400 (a day). @default DEFAULT_RETRY_DELAY_SECONDS */
  readonly retryDelaySeconds?: number;
}

/** `sendAgain` MUST be harmless to whoever takes the command: it answers again, and does nothing twice. */
type OnTimeout = 'compensate' | { readonly sendAgain: number | 'until-answered' };

export interface SagaStepProps<Data> {
  /** Unique in the saga: 1 to 40 lower-case letters, digits and hyphens, a letter first. */
  readonly name: string;
  readonly command: SagaCommand<Data>;
  readonly success: OneOrMore<SagaReply<Data>>;
  /** @default - none: the step cannot be refused */
  readonly failure?: OneOrMore<SagaReply<Data>>;
  /** @default - none: there is nothing to undo */
  readonly compensation?: SagaCompensationProps<Data>;
  /** 60 to 31536000 (a year). @default DEFAULT_STEP_TIMEOUT_SECONDS */
  readonly timeoutSeconds?: number;
  /**
   * `compensate`: the step is given up; since nobody knows whether it was done, it is compensated as well.
   * `sendAgain`: 1 to 100 times, then it is given up; or until it is answered.
   * @default - 'compensate'; from the pivot on { sendAgain: 'until-answered' }
   */
  readonly onTimeout?: OnTimeout;
  /**
   * The step that decides: while its command is out an abort waits for the outcome; once it has succeeded nothing is
   * undone any more, and the steps after it can only succeed. @default false
   */
  readonly pivot?: boolean;
}

export interface ParallelSteps<Data> {
  readonly parallel: readonly SagaStepProps<Data>[];
}

export interface SagaBehaviour<Data> {
  /** What begins an instance. The same instance begins once. */
  readonly startedBy: OneOrMore<SagaStart<Data>>;
  /** In the order in which they run. */
  readonly steps: readonly (SagaStepProps<Data> | ParallelSteps<Data>)[];
  /** What has a running instance undone, unless the pivot has succeeded. @default - nothing from outside */
  readonly abortedBy?: OneOrMore<SagaReply<Data>>;
  /** What tells how it ended. @default - nothing is published */
  readonly answers?: {
    readonly completed?: SagaCommand<Data>;
    /** When all that was done is undone. */
    readonly failed?: SagaFailureCommand<Data>;
  };
}

/** What a declaration is written with; `saga` is the instance's data. */
export interface SagaWords<Data extends object, Key extends string> {
  /** An event that begins an instance, and the data that it begins with. */
  start<Event extends Correlated<Key>>(event: Event, dataOf: (event: EventDataOf<Event>) => Data): SagaStart<Data>;
  /** A command, or the answer that all went well. */
  send<Event extends Correlated<Key>>(event: Event, dataOf: (saga: Data) => EventInputOf<Event>): SagaCommand<Data>;
  /** The same for what is sent once the saga has failed: a compensation, or the answer that says why. */
  sendFailure<Event extends Correlated<Key>>(
    event: Event,
    dataOf: (saga: Data, failure: SagaFailure) => EventInputOf<Event>,
  ): SagaFailureCommand<Data>;
  /**
   * An event that the saga takes.
   * @param evolve the data from now on; MUST be pure
   * @default evolve - the data stay as they are
   */
  on<Event extends Correlated<Key>>(
    event: Event,
    evolve?: (saga: Data, event: EventDataOf<Event>) => Data,
  ): SagaReply<Data>;
  /** Two or more steps that run side by side; the next one waits for all of them. */
  parallel(steps: readonly SagaStepProps<Data>[]): ParallelSteps<Data>;
}
