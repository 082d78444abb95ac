import type { EventDefinition } from '../event-definition.ts';
import { defineSubscription, type Subscription } from '../subscription.ts';
import { type SagaDefinition, stepsOf } from './saga-definition.ts';
import { sagaRetryRequested, sagaTimerDue } from './saga-signals.ts';

/** One version of a saga, or all that are served side by side. */
export type SagaVersions<Name extends string = string> =
  | SagaDefinition<Name>
  | readonly [SagaDefinition<Name>, ...SagaDefinition<Name>[]];

export const versionsOf = <Name extends string>(saga: SagaVersions<Name>): readonly SagaDefinition<Name>[] =>
  'name' in saga ? [saga] : saga;

/** The version that new instances begin with. */
export const newestOf = <Name extends string>(saga: SagaVersions<Name>): SagaDefinition<Name> => {
  const [first, ...others] = 'name' in saga ? ([saga] as const) : saga;
  return others.reduce((newest, each) => (each.version > newest.version ? each : newest), first);
};

/** What a process manager's consumer takes: all that its versions take, its timers, and operators' wishes. */
export function sagaSubscription<const Name extends string>(saga: SagaVersions<Name>): Subscription<Name> {
  const newest = newestOf(saga);
  const taken = new Map<string, EventDefinition>();
  for (const { roles } of versionsOf(saga).toSorted((a, b) => a.version - b.version)) {
    for (const [type, role] of roles) taken.set(type, role.kind === 'start' ? role.start.event : role.reply.event);
  }
  return defineSubscription({
    name: newest.name,
    events: [...taken.values(), sagaTimerDue(newest.name), sagaRetryRequested(newest.name)],
    // what only a deployment mends
    permanentErrors: ['SAGA_DATA_INVALID', 'SAGA_MIGRATION_INVALID'],
  });
}

/** What a process manager publishes: its commands and its answers. */
export function sagaPublishes(saga: SagaVersions): readonly EventDefinition[] {
  const sent = new Map<string, EventDefinition>();
  for (const definition of versionsOf(saga)) {
    const { completed, failed } = definition.answers;
    const commands = stepsOf(definition).flatMap(({ command, compensation }) => [command, compensation?.command]);
    for (const command of [...commands, completed, failed]) {
      if (command !== undefined) sent.set(command.event.type, command.event);
    }
  }
  return [...sent.values()];
}
