import { ContractError } from '../waybill-error.ts';
import type { SagaCompensation, SagaDefinition, SagaStep } from './saga-definition.ts';
import { memberProblems } from './saga-members.ts';
import { sagaProblems } from './saga-problems.ts';
import type {
  ParallelSteps,
  SagaBehaviour,
  SagaCompensationProps,
  SagaIdentity,
  SagaStepProps,
  SagaWords,
  TextKeyOf,
} from './saga-props.ts';
import { rolesOf } from './saga-roles.ts';

/** Long enough that a slow reply does not compensate a saga. */
export const DEFAULT_STEP_TIMEOUT_SECONDS = 900;
export const DEFAULT_COMPENSATION_ATTEMPTS = 5;
export const DEFAULT_RETRY_DELAY_SECONDS = 300;
export const DEFAULT_SAGA_RETENTION_DAYS = 400;

/**
 * Declares a process manager: its start events, its steps with their commands and replies, and their compensations.
 * Used by its construct and by its code.
 *
 * @example
 * export const fulfilment = defineSaga(
 *   { name: 'fulfilment', version: 1, data: z.object({ orderId: z.string() }), correlateBy: 'orderId' },
 *   ({ start, send, on }) => ({
 *     startedBy: start(OrderPlaced, ({ orderId }) => ({ orderId })),
 *     steps: [
 *       {
 *         name: 'payment',
 *         command: send(PaymentRequested, ({ orderId }) => ({ orderId })),
 *         success: on(PaymentCaptured),
 *         failure: on(PaymentFailed),
 *         compensation: { command: send(RefundRequested, ({ orderId }) => ({ orderId })), success: on(PaymentRefunded)
 * },
 *       },
 *     ],
 *   }),
 * );
 *
 * @throws ContractError `CONTRACT_INVALID` listing all problems
 */
export function defineSaga<const Name extends string, Data extends object, const Key extends TextKeyOf<Data>>(
  identity: SagaIdentity<Name, Data, Key>,
  behaviour: (words: SagaWords<Data, Key>) => SagaBehaviour<Data>,
): SagaDefinition<Name> {
  const declared = behaviour(createWords<Data, Key>());
  const odd = memberProblems(identity, declared);
  if (odd.length > 0) throw new ContractError(`saga '${identity.name}'`, odd);
  const { startedBy, steps, abortedBy, answers = {} } = declared;
  let isFromPivotOn = false;
  const complete = (step: SagaStepProps<Data>): SagaStep<Data> => {
    isFromPivotOn ||= step.pivot === true;
    return completeStep(step, isFromPivotOn);
  };
  const stages = steps.map((entry) => ('parallel' in entry ? entry.parallel.map(complete) : [complete(entry)]));
  const starts = listOf(startedBy);
  const aborts = listOf(abortedBy);
  const definition: SagaDefinition<Name> = {
    name: identity.name,
    version: identity.version,
    schema: identity.data,
    correlateBy: identity.correlateBy,
    stages,
    roles: rolesOf(starts, aborts, stages.flat()),
    answers: { completed: answers.completed, failed: answers.failed },
    unknownSagas: identity.unknownSagas ?? 'ignore',
    retentionDays: identity.retentionDays ?? DEFAULT_SAGA_RETENTION_DAYS,
    migrations: identity.migrations ?? {},
  };
  const problems = sagaProblems(definition, { starts, aborts });
  if (problems.length > 0) throw new ContractError(`saga '${identity.name}'`, problems);
  return Object.freeze(definition);
}

const createWords = <Data extends object, Key extends string>(): SagaWords<Data, Key> => ({
  start: (event, dataOf) => ({ event, dataOf }),
  send: (event, dataOf) => ({ event, dataOf }),
  sendFailure: (event, dataOf) => ({ event, dataOf }),
  on: (event, evolve = (saga) => saga) => ({ event, evolve }),
  parallel: (steps): ParallelSteps<Data> => ({ parallel: steps }),
});

function completeStep<Data>(props: SagaStepProps<Data>, isFromPivotOn: boolean): SagaStep<Data> {
  const { onTimeout = isFromPivotOn ? { sendAgain: 'until-answered' as const } : 'compensate' } = props;
  const sendAgain = onTimeout === 'compensate' ? 0 : onTimeout.sendAgain;
  return {
    name: props.name,
    command: props.command,
    success: listOf(props.success),
    failure: listOf(props.failure),
    compensation: props.compensation === undefined ? undefined : completeCompensation(props.compensation),
    timeoutSeconds: props.timeoutSeconds ?? DEFAULT_STEP_TIMEOUT_SECONDS,
    sendAgain: sendAgain === 'until-answered' ? Number.POSITIVE_INFINITY : sendAgain,
    pivot: props.pivot ?? false,
  };
}

const completeCompensation = <Data>(props: SagaCompensationProps<Data>): SagaCompensation<Data> => ({
  command: props.command,
  success: listOf(props.success),
  failure: listOf(props.failure),
  timeoutSeconds: props.timeoutSeconds ?? DEFAULT_STEP_TIMEOUT_SECONDS,
  maxAttempts: props.maxAttempts ?? DEFAULT_COMPENSATION_ATTEMPTS,
  retryDelaySeconds: props.retryDelaySeconds ?? DEFAULT_RETRY_DELAY_SECONDS,
});

function listOf<Item extends object>(items: Item | readonly Item[] | undefined): readonly Item[] {
  if (items === undefined) return [];
  return isList(items) ? items : [items];
}

const isList = <Item>(items: Item | readonly Item[]): items is readonly Item[] => Array.isArray(items);
