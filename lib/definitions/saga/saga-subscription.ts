import type { EventDefinition } from '../event-definition.ts';
import { findEventType } from '../event-type.ts';
import { defineSubscription, type Subscription } from '../subscription.ts';
import { ContractError } from '../waybill-error.ts';
import { type SagaDefinition, stepsOf } from './saga-definition.ts';
import { sagaRetryRequested, sagaTimerDue } from './saga-signals.ts';

/** One version of a saga, or all registered versions. */
export type SagaVersions<Name extends string = string> =
  | SagaDefinition<Name>
  | readonly [SagaDefinition<Name>, ...SagaDefinition<Name>[]];

export const versionsOf = <Name extends string>(saga: SagaVersions<Name>): readonly SagaDefinition<Name>[] =>
  'name' in saga ? [saga] : saga;

/** The version of new instances. */
export const newestOf = <Name extends string>(saga: SagaVersions<Name>): SagaDefinition<Name> => {
  const [first, ...others] = 'name' in saga ? ([saga] as const) : saga;
  return others.reduce((newest, each) => (each.version > newest.version ? each : newest), first);
};

/**
 * The subscription of a process manager's consumer: the events of all versions, its timers and operators' retries.
 * @throws ContractError `CONTRACT_INVALID` if the versions do not belong to one saga
 */
export function sagaSubscription<const Name extends string>(saga: SagaVersions<Name>): Subscription<Name> {
  const newest = newestOf(saga);
  const problems = versionProblems(versionsOf(saga));
  if (problems.length > 0) throw new ContractError(`saga '${newest.name}'`, problems);
  const taken = new Map<string, EventDefinition>();
  for (const definition of versionsOf(saga).toSorted((a, b) => a.version - b.version)) {
    for (const event of eventsOf(definition)) taken.set(event.type, event);
  }
  return defineSubscription({
    name: newest.name,
    events: [...taken.values(), sagaTimerDue(newest.name), sagaRetryRequested(newest.name)],
  });
}

/** All versions must find the same instances. */
function versionProblems(versions: readonly SagaDefinition[]): readonly string[] {
  const repeated = new Set(
    versions.map(({ version }) => version).filter((version, index, all) => all.indexOf(version) !== index),
  );
  return [
    ...differing(
      'name',
      versions.map(({ name }) => name),
    ),
    ...differing(
      'correlateBy',
      versions.map(({ correlateBy }) => correlateBy),
    ),
    ...sourceProblems(versions),
    ...[...repeated].map(
      (version) => `versions that are served together must differ, got version ${version} more than once`,
    ),
  ];
}

/**
 * A consumer receives a type from one source. The same type from another source is a different event, which no version
 * would receive.
 */
function sourceProblems(versions: readonly SagaDefinition[]): readonly string[] {
  const sources = new Map<string, Set<string>>();
  for (const event of versions.flatMap(eventsOf)) {
    sources.set(event.type, (sources.get(event.type) ?? new Set()).add(event.source));
  }
  return [...sources]
    .filter(([, all]) => all.size > 1)
    .map(
      ([type, all]) =>
        `versions that are served together must receive '${type}' from one source, got '${[...all].join("', '")}': use a new type for the newer event`,
    );
}

const eventsOf = ({ roles }: SagaDefinition): readonly EventDefinition[] =>
  [...roles.values()].map((role) => (role.kind === 'start' ? role.start.event : role.reply.event));

function differing(member: string, values: readonly string[]): readonly string[] {
  const different = [...new Set(values)];
  if (different.length < 2) return [];
  return [`versions that are served together must have the same ${member}, got '${different.join("', '")}'`];
}

/** The events that a process manager publishes: commands and answers. */
export function sagaPublishes(saga: SagaVersions): readonly EventDefinition[] {
  const sent: EventDefinition[] = [];
  for (const definition of versionsOf(saga)) {
    const { completed, failed } = definition.answers;
    const commands = stepsOf(definition).flatMap(({ command, compensation }) => [command, compensation?.command]);
    for (const command of [...commands, completed, failed]) {
      if (command !== undefined && findEventType(sent, command.event) === undefined) sent.push(command.event);
    }
  }
  return sent;
}
