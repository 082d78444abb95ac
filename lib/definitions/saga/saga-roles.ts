import type { SagaReply, SagaRole, SagaStart, SagaStep } from './saga-definition.ts';

/**
 * The role of each event in the saga. If an event has two roles, which is reported as a problem, the first one counts.
 */
export const rolesOf = (
  starts: readonly SagaStart[],
  aborts: readonly SagaReply[],
  steps: readonly SagaStep[],
): ReadonlyMap<string, SagaRole> =>
  new Map(
    allRoles(starts, aborts, steps)
      .map(({ event, role }) => [event.type, role] as const)
      .toReversed(),
  );

export function allRoles(starts: readonly SagaStart[], aborts: readonly SagaReply[], steps: readonly SagaStep[]) {
  const replies = steps.flatMap((step) =>
    (['command', 'compensation'] as const).flatMap((to) => {
      const exchange = to === 'command' ? step : step.compensation;
      return (['success', 'failure'] as const).flatMap((outcome) =>
        (exchange?.[outcome] ?? []).map((reply) => ({
          event: reply.event,
          role: { kind: 'reply', step, to, outcome, reply } satisfies SagaRole,
        })),
      );
    }),
  );
  return [
    ...starts.map((start) => ({ event: start.event, role: { kind: 'start', start } satisfies SagaRole })),
    ...aborts.map((reply) => ({ event: reply.event, role: { kind: 'abort', reply } satisfies SagaRole })),
    ...replies,
  ];
}

/** The role in words, for errors and logs. */
export function describeRole(role: SagaRole): string {
  if (role.kind === 'start') return 'startedBy';
  if (role.kind === 'abort') return 'abortedBy';
  return `${role.outcome} of ${role.to === 'command' ? '' : 'the compensation of '}step '${role.step.name}'`;
}
