import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { EventDefinition } from '../event-definition.ts';

/** The purpose of a timer: the timeout of a step or of a compensation, or the next attempt of a compensation. */
export type SagaTimerKind = 'step' | 'compensation' | 'compensation-retry';

export const SAGA_TIMER_KINDS: readonly SagaTimerKind[] = ['step', 'compensation', 'compensation-retry'];

/** A timer of an instance: the payload of its schedule and the data of its event. */
export interface SagaTimerData {
  readonly sagaId: string;
  /** The instance's group, without the tenant. */
  readonly group: string;
  readonly step: string;
  readonly kind: SagaTimerKind;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** Whole seconds since the Unix epoch. */
  readonly dueAtSeconds: number;
}

/** An operator's request to retry a failed compensation. */
export interface SagaRetryData {
  readonly sagaId: string;
  readonly group: string;
  readonly by: string;
}

type SignalDefinition<Data> = EventDefinition<string, StandardSchemaV1<Data, Data>>;

/** A timer of the saga is due. Published by its timer function into the instance's group. */
export const sagaTimerDue = (saga: string): SignalDefinition<SagaTimerData> =>
  signal<SagaTimerData>(saga, 'timer-due', {
    sagaId: isText,
    group: isText,
    step: isText,
    kind: (value) => SAGA_TIMER_KINDS.some((kind) => kind === value),
    attempt: isCount,
    dueAtSeconds: isCount,
  });

/** An operator requested to retry a failed compensation. */
export const sagaRetryRequested = (saga: string): SignalDefinition<SagaRetryData> =>
  signal<SagaRetryData>(saga, 'retry-requested', { sagaId: isText, group: isText, by: isText });

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string' && value !== '';
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 1;

function signal<Data extends { readonly group: string; readonly sagaId: string }>(
  saga: string,
  name: string,
  members: Readonly<Record<keyof Data, Check>>,
): SignalDefinition<Data> {
  return Object.freeze({
    type: `waybill.saga.${saga}.${name}`,
    source: `/sagas/${saga}`,
    version: 1,
    schema: schemaOf<Data>(members),
    group: ({ group }: Data) => group,
    subject: ({ sagaId }: Data) => sagaId,
    upcasters: {},
  });
}

const schemaOf = <Data>(members: Readonly<Record<keyof Data, Check>>): StandardSchemaV1<Data, Data> => ({
  '~standard': {
    version: 1,
    vendor: 'waybill',
    validate(value) {
      const given: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
      const issues = Object.entries<Check>(members)
        .filter(([member, holds]) => !holds(given[member]))
        .map(([member]) => ({
          message: `is not valid in a saga's signal: got ${JSON.stringify(given[member])}`,
          path: [member],
        }));
      return issues.length > 0 ? { issues } : { value: given as Data };
    },
  },
});
