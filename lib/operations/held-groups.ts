import type { Blocker, FailureNotes, FailureReason, WaitingGroup, WaitingGroups } from '../consumer/index.ts';
import { readGroup, type Takes } from '../definitions/index.ts';
import type { EventKey } from '../outbox/index.ts';
import type { EpochMs } from '../shared/time.ts';
import type { LogReader } from './ports.ts';
import { thrownAtOf } from './thrown-at.ts';

export interface HeldDeps {
  readonly consumer: string;
  readonly waiting: WaitingGroups;
  readonly log: LogReader;
  readonly takes: Takes;
  readonly notes: Pick<FailureNotes, 'find'>;
}

/** A held group and the event that blocks it. */
export interface HeldGroup extends EventKey {
  readonly consumer: string;
  /** Undefined if the group has no tenant. */
  readonly tenantId: string | undefined;
  /** Undefined if the log no longer has the event. */
  readonly eventId: string | undefined;
  readonly eventType: string | undefined;
  readonly since: EpochMs;
  readonly attempts: number;
  readonly state: Blocker['state'];
  readonly reason: FailureReason;
  /** Where in the user's own code the error came from: `functions/billing/handler.ts:12`; undefined if no note says it. */
  readonly thrownAt: string | undefined;
  /** Number of later events that were received and wait. */
  readonly depth: number;
}

/** Selects held groups. */
export interface HeldFilter {
  /** @default - any */
  readonly state?: Blocker['state'] | undefined;
  /** @default - any tenant, or none */
  readonly tenantId?: string | undefined;
}

/** Lists a consumer's held groups, longest-waiting first. Reads them lazily. */
export async function* listHeld(deps: HeldDeps, { state, tenantId }: HeldFilter = {}): AsyncGenerator<HeldGroup> {
  for await (const page of deps.waiting.list()) {
    const wanted = page.filter(
      ({ group, cursor }) =>
        (state === undefined || cursor.blockedBy.state === state) &&
        (tenantId === undefined || readGroup(group)?.tenantId === tenantId),
    );
    yield* await Promise.all(wanted.map((group) => describe(deps, group)));
  }
}

async function describe(
  { consumer, log, takes, notes }: HeldDeps,
  { group, cursor: { seen, blockedBy } }: WaitingGroup,
): Promise<HeldGroup> {
  const { sequence, since, attempts, state, reason } = blockedBy;
  const [event, depth] = await Promise.all([log.find({ group, sequence }), log.count(group, sequence, seen, takes)]);
  return {
    consumer,
    tenantId: readGroup(group)?.tenantId,
    group,
    sequence,
    eventId: event?.id,
    eventType: event?.type,
    since,
    attempts,
    state,
    reason,
    thrownAt: await thrownAtOf(event?.id, reason, notes),
    depth,
  };
}
