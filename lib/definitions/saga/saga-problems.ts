import { describeEventType, findEventType } from '../event-type.ts';
import { SHORTEST_TIMER_SECONDS } from '../limits.ts';
import { UNUSABLE_NAME } from '../own-member.ts';
import { shown } from '../shown.ts';
import {
  type SagaCompensation,
  type SagaDefinition,
  type SagaReply,
  type SagaStart,
  type SagaStep,
  stepsOf,
} from './saga-definition.ts';
import { allRoles, describeRole } from './saga-roles.ts';

const NAME_PATTERN = /^[a-z][a-z0-9-]{0,39}$/;

/**
 * A command takes three of a transaction's 100 actions if it has its own group. State, listing, history, inbox and
 * cursor share the rest.
 */
const MOST_PARALLEL_STEPS = 30;

const YEAR_SECONDS = 31_536_000;
const DAY_SECONDS = 86_400;

interface Begins {
  readonly starts: readonly SagaStart[];
  readonly aborts: readonly SagaReply[];
}

/** One sentence per problem of a definition: what is wrong, the value, what is allowed, and the fix. */
export function sagaProblems(definition: SagaDefinition, begins: Begins): readonly string[] {
  return [
    ...identityProblems(definition),
    ...(begins.starts.length === 0 ? ['startedBy must name at least one event, got none'] : []),
    ...stageProblems(definition),
    ...stepsOf(definition).flatMap(stepProblems),
    ...pivotProblems(definition),
    ...eventProblems(definition, begins),
  ];
}

function identityProblems(definition: SagaDefinition) {
  const { name, version, schema, correlateBy, unknownSagas, retentionDays, migrations } = definition;
  const problems: string[] = [];
  if (typeof name !== 'string' || !NAME_PATTERN.test(name)) {
    problems.push(`name must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter, got '${name}'`);
  }
  if (!Number.isSafeInteger(version) || version < 1) {
    problems.push(`version must be a whole number from 1, got ${version}`);
  }
  if (typeof schema?.['~standard']?.validate !== 'function') {
    problems.push(
      "data must be a Standard Schema (with a '~standard' member that has 'validate'), as of zod, valibot or arktype",
    );
  }
  if (typeof correlateBy !== 'string' || correlateBy === '' || correlateBy === UNUSABLE_NAME) {
    problems.push(`correlateBy must name a member of the data, got ${shown(correlateBy)}`);
  }
  if (unknownSagas !== 'ignore' && unknownSagas !== 'fail') {
    problems.push(`unknownSagas must be 'ignore' or 'fail', got '${String(unknownSagas)}'`);
  }
  problems.push(...outOfRange('retentionDays', retentionDays, 30, 3650, 'days'));
  const from = Object.keys(migrations).map(Number);
  for (const start of from.filter((each) => !Number.isSafeInteger(each) || each < 1 || each >= version)) {
    problems.push(`migrations must start from versions 1 to ${version - 1}, got ${start}`);
  }
  const first = Math.min(...from, version);
  for (let step = first; step < version; step++) {
    if (!from.includes(step)) {
      problems.push(`migrations must lead from ${first} to ${version} without a gap: the one from ${step} is missing`);
    }
  }
  return problems;
}

function stageProblems({ stages }: SagaDefinition): readonly string[] {
  const names = stages.flat().map(({ name }) => name);
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [
    ...(names.length === 0 ? ['steps must name at least one step, got none'] : []),
    ...[...repeated].map((name) => `steps must have different names, got '${name}' more than once`),
    ...stages
      .filter((stage) => stage.length > 1 && stage.some(({ pivot }) => pivot))
      .map(
        (stage) =>
          `a pivot must be the only step of its stage, got it with ${namesOf(stage)}: move it out of parallel(...)`,
      ),
    ...stages
      .filter(({ length }) => length > MOST_PARALLEL_STEPS)
      .map(
        ({ length }) =>
          `parallel(...) must name ${MOST_PARALLEL_STEPS} steps at most, because their commands are committed together, got ${length}: split them into several stages`,
      ),
    ...stages.filter((stage) => stage.length === 0).map(() => 'parallel(...) must name two steps or more, got none'),
  ];
}

function stepProblems(step: SagaStep): readonly string[] {
  const { name, success, timeoutSeconds, sendAgain, compensation } = step;
  const of = `of step '${name}'`;
  return [
    ...(typeof name === 'string' && NAME_PATTERN.test(name)
      ? []
      : [
          `the name of a step must be 1 to 40 lower-case letters, digits and hyphens, starting with a letter, got '${name}'`,
        ]),
    ...(success.length === 0 ? [`success ${of} must name at least one event, got none`] : []),
    ...outOfRange(`timeoutSeconds ${of}`, timeoutSeconds, SHORTEST_TIMER_SECONDS, YEAR_SECONDS, 'seconds'),
    ...(sendAgain === Number.POSITIVE_INFINITY ? [] : outOfRange(`sendAgain ${of}`, sendAgain, 0, 100, 'times')),
    ...(compensation === undefined ? [] : compensationProblems(compensation, `of the compensation ${of}`)),
  ];
}

const compensationProblems = (compensation: SagaCompensation, of: string): readonly string[] => [
  ...(compensation.success.length === 0 ? [`success ${of} must name at least one event, got none`] : []),
  ...outOfRange(`timeoutSeconds ${of}`, compensation.timeoutSeconds, SHORTEST_TIMER_SECONDS, YEAR_SECONDS, 'seconds'),
  ...outOfRange(`maxAttempts ${of}`, compensation.maxAttempts, 1, 100, 'attempts'),
  ...outOfRange(
    `retryDelaySeconds ${of}`,
    compensation.retryDelaySeconds,
    SHORTEST_TIMER_SECONDS,
    DAY_SECONDS,
    'seconds',
  ),
];

function pivotProblems(definition: SagaDefinition): readonly string[] {
  const steps = stepsOf(definition);
  const pivots = steps.filter(({ pivot }) => pivot);
  const [pivot] = pivots;
  if (pivot === undefined) return [];
  const problems: string[] = [];
  if (pivots.length > 1) problems.push(`a saga must have at most one pivot, got ${namesOf(pivots)}`);
  if (pivot.compensation === undefined && pivot.sendAgain !== Number.POSITIVE_INFINITY) {
    problems.push(
      `step '${pivot.name}' is the pivot and has no compensation: onTimeout must be { sendAgain: 'until-answered' }, because no step may be compensated while its outcome is unknown; or add a compensation that cancels it`,
    );
  }
  for (const step of steps.slice(steps.indexOf(pivot) + 1)) {
    if (
      step.failure.length + (step.compensation === undefined ? 0 : 1) === 0 &&
      step.sendAgain === Number.POSITIVE_INFINITY
    )
      continue;
    problems.push(
      `step '${step.name}' comes after the pivot '${pivot.name}', after which nothing is compensated: it must have no failure, no compensation and onTimeout { sendAgain: 'until-answered' }; or move it before the pivot`,
    );
  }
  return problems;
}

function eventProblems(definition: SagaDefinition, { starts, aborts }: Begins): readonly string[] {
  const roles = allRoles(starts, aborts, stepsOf(definition));
  const byType = Map.groupBy(roles, ({ event }) => event.type);
  const ambiguous = [...byType].filter(([, taken]) => taken.length > 1);
  const { completed, failed } = definition.answers;
  const sent = [
    ...stepsOf(definition).flatMap(({ command, compensation }) => [command, compensation?.command]),
    completed,
    failed,
  ].flatMap((command) => (command === undefined ? [] : [command.event]));
  const taken = roles.map(({ event }) => event);
  const both = sent.filter((event) => findEventType(taken, event) !== undefined);
  return [
    ...ambiguous.map(
      ([type, taken]) =>
        `each event must have one meaning, got '${type}' as ${taken.map(({ role }) => describeRole(role)).join(' and as ')}: use separate events`,
    ),
    ...[...new Set(both.map(describeEventType))].map(
      (event) => `a saga must not subscribe to an event that it sends, got ${event} as both`,
    ),
  ];
}

function outOfRange(what: string, value: number, min: number, max: number, unit: string): readonly string[] {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return [];
  return [`${what} must be a whole number of ${unit} from ${min} to ${max}, got ${value}`];
}

const namesOf = (steps: readonly SagaStep[]): string => `'${steps.map(({ name }) => name).join("', '")}'`;
