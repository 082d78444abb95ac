import type { SagaBehaviour, SagaCompensationProps, SagaIdentity, SagaStepProps } from './saga-props.ts';

type Members<Props> = Readonly<Record<keyof Props, true>>;

// the types keep each list complete

const IDENTITY: Members<SagaIdentity<string, { id: string }, 'id'>> = {
  name: true,
  version: true,
  data: true,
  correlateBy: true,
  migrations: true,
  unknownSagas: true,
  retentionDays: true,
};

const BEHAVIOUR: Members<SagaBehaviour<unknown>> = { startedBy: true, steps: true, abortedBy: true, answers: true };

const ANSWERS: Members<NonNullable<SagaBehaviour<unknown>['answers']>> = { completed: true, failed: true };

const STEP: Members<SagaStepProps<unknown>> = {
  name: true,
  command: true,
  success: true,
  failure: true,
  compensation: true,
  timeoutSeconds: true,
  onTimeout: true,
  pivot: true,
};

const COMPENSATION: Members<SagaCompensationProps<unknown>> = {
  command: true,
  success: true,
  failure: true,
  timeoutSeconds: true,
  maxAttempts: true,
  retryDelaySeconds: true,
};

/**
 * Checks the shape of a definition, one sentence per problem: unknown members, and events that were not created by
 * their builder function. TypeScript does not report extra members of returned objects, and the local run does not
 * check types.
 */
export function memberProblems<Data>(identity: object, behaviour: SagaBehaviour<Data>): readonly string[] {
  const { startedBy, steps, abortedBy, answers } = behaviour;
  return [
    ...unknownMembers('the saga', identity, IDENTITY),
    ...unknownMembers('the behaviour', behaviour, BEHAVIOUR),
    ...wordProblems('startedBy', startedBy, 'start', 'dataOf'),
    ...wordProblems('abortedBy', abortedBy, 'on', 'evolve'),
    ...(answers === undefined ? [] : answersProblems(answers)),
    ...(Array.isArray(steps) ? steps : [])
      .flatMap((entry) => ('parallel' in entry ? entry.parallel : [entry]))
      .flatMap(stepProblems),
    ...(Array.isArray(steps) ? [] : ['steps must be a list of steps']),
  ];
}

function stepProblems<Data>(step: SagaStepProps<Data>): readonly string[] {
  const { name, command, success, failure, onTimeout = 'compensate', compensation } = step;
  const of = `of step '${name}'`;
  return [
    ...unknownMembers(`step '${name}'`, step, STEP),
    ...wordProblems(`command ${of}`, command ?? MISSING, 'send', 'dataOf'),
    ...wordProblems(`success ${of}`, success, 'on', 'evolve'),
    ...wordProblems(`failure ${of}`, failure, 'on', 'evolve'),
    ...(onTimeout === 'compensate' || (typeof onTimeout === 'object' && onTimeout !== null && 'sendAgain' in onTimeout)
      ? []
      : [`onTimeout ${of} must be 'compensate' or { sendAgain: … }, got ${JSON.stringify(onTimeout)}`]),
    ...(compensation === undefined ? [] : compensationProblems(compensation, `the compensation ${of}`)),
  ];
}

const compensationProblems = <Data>(compensation: SagaCompensationProps<Data>, what: string): readonly string[] => [
  ...unknownMembers(what, compensation, COMPENSATION),
  ...wordProblems(`command of ${what}`, compensation.command ?? MISSING, 'send', 'dataOf'),
  ...wordProblems(`success of ${what}`, compensation.success, 'on', 'evolve'),
  ...wordProblems(`failure of ${what}`, compensation.failure, 'on', 'evolve'),
];

const answersProblems = <Data>(answers: NonNullable<SagaBehaviour<Data>['answers']>): readonly string[] => [
  ...unknownMembers('answers', answers, ANSWERS),
  ...wordProblems('completed of answers', answers.completed, 'send', 'dataOf'),
  ...wordProblems('failed of answers', answers.failed, 'sendFailure', 'dataOf'),
];

const MISSING = {};

/** Whether each value was created by the builder function: an event with a function. */
function wordProblems(what: string, given: unknown, word: string, member: 'dataOf' | 'evolve'): readonly string[] {
  if (given === undefined) return [];
  const isMade = (one: { readonly event?: { readonly type?: unknown }; readonly [member: string]: unknown } | null) =>
    typeof one?.event?.type === 'string' && typeof one[member] === 'function';
  return (Array.isArray(given) ? given : [given]).every(isMade)
    ? []
    : [`${what} must be created by ${word}(event, …) with an event from defineEvent`];
}

function unknownMembers(what: string, given: object, known: Readonly<Record<string, true>>): readonly string[] {
  const unknown = Object.keys(given).filter((member) => !Object.hasOwn(known, member));
  return unknown.length === 0
    ? []
    : [`${what} must only have the members ${Object.keys(known).join(', ')}, got '${unknown.join("', '")}'`];
}
