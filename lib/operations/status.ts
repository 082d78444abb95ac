import type { GroupPause, PausedGroups, WaitingGroups } from '../consumer/index.ts';
import type { PendingTable } from '../outbox/index.ts';
import type { Clock, EpochMs } from '../shared/time.ts';
import type { Publisher } from './deployment.ts';
import { type FailureState, type FailuresDeps, listFailures } from './failures.ts';
import type { ConsumerPauseStore, QueueDepth, QueueDepths } from './ports.ts';

export interface StatusConsumer extends Omit<FailuresDeps, 'consumer'> {
  readonly name: string;
  readonly depths: QueueDepths;
  readonly pause: Pick<ConsumerPauseStore, 'find'>;
  /** Undefined if `ordering` is 'fifo'. */
  readonly groups: { readonly waiting: WaitingGroups; readonly paused: PausedGroups } | undefined;
}

export interface StatusDeps {
  readonly pending: PendingTable;
  /** Of the relay and the sweeper. */
  readonly publishers: Readonly<Record<Publisher, Pick<ConsumerPauseStore, 'find'>>>;
  readonly consumers: readonly StatusConsumer[];
  readonly clock: Clock;
  /** Where each count stops, so that a status of a bad day is not a read of everything. @default 10_000 */
  readonly most?: number;
}

/** A number of things that were counted one by one. */
interface Counted {
  readonly count: number;
  /** Whether there are more. */
  readonly isCut: boolean;
}

/** What is not published. */
interface OutboxStatus {
  readonly pending: Counted;
  /** Those of them that cannot be published. */
  readonly quarantined: number;
  /** When the oldest of the others was committed; undefined if there is none. */
  readonly oldestPendingAt: EpochMs | undefined;
  /** Pauses of the relay and the sweeper; undefined if they are not paused. */
  readonly paused: Readonly<Record<Publisher, GroupPause | undefined>>;
}

export interface ConsumerStatus {
  readonly name: string;
  /** The pause of the whole consumer; undefined if it is not paused. */
  readonly pause: GroupPause | undefined;
  readonly queue: QueueDepth;
  readonly deadLetters: number;
  /** Events that the bus could not deliver. */
  readonly undeliverable: number;
  /** Events that fail, by state. */
  readonly failing: Readonly<Record<FailureState, number>> & Pick<Counted, 'isCut'>;
  /** Undefined if `ordering` is 'fifo'. */
  readonly groups: GroupsStatus | undefined;
}

interface GroupsStatus {
  /** Groups that wait for an event: for a dead letter, or for a retry. */
  readonly held: number;
  readonly retrying: number;
  readonly paused: number;
  readonly isCut: boolean;
  /** Since when the longest of the waiting groups waits; undefined if none waits. */
  readonly oldestSince: EpochMs | undefined;
}

export interface EnvironmentStatus {
  readonly at: EpochMs;
  readonly outbox: OutboxStatus;
  readonly consumers: readonly ConsumerStatus[];
}

/** Reads how an environment stands. Receives no message; counts may be a moment old. */
export async function readStatus(deps: StatusDeps, signal: AbortSignal): Promise<EnvironmentStatus> {
  const { pending, publishers, consumers, clock, most = 10_000 } = deps;
  const [marked, relay, sweeper, ...each] = await Promise.all([
    outboxStatus(pending, most, signal),
    publishers.relay.find(),
    publishers.sweeper.find(),
    ...consumers.map((consumer) => consumerStatus(consumer, most)),
  ]);
  return { at: clock.now(), outbox: { ...marked, paused: { relay, sweeper } }, consumers: each };
}

async function outboxStatus(
  table: PendingTable,
  most: number,
  signal: AbortSignal,
): Promise<Omit<OutboxStatus, 'paused'>> {
  let count = 0;
  let quarantined = 0;
  let oldestPendingAt: EpochMs | undefined;
  for await (const markers of table.pages(signal)) {
    for (const marker of markers) {
      count += 1;
      if (marker.quarantined) quarantined += 1;
      else oldestPendingAt = Math.min(oldestPendingAt ?? marker.committedAt, marker.committedAt) as EpochMs;
    }
    if (count > most) break;
  }
  return { pending: { count: Math.min(count, most), isCut: count > most }, quarantined, oldestPendingAt };
}

async function consumerStatus(consumer: StatusConsumer, most: number): Promise<ConsumerStatus> {
  const { name, depths, groups } = consumer;
  const [pause, queue, deadLetters, undeliverable, failing, group] = await Promise.all([
    consumer.pause.find(),
    depths.queue(),
    depths.deadLetters(),
    depths.undeliverable(),
    failingStatus(consumer, most),
    groups === undefined ? undefined : groupsStatus(groups, most),
  ]);
  const dead = total(deadLetters);
  return { name, pause, queue, deadLetters: dead, undeliverable: total(undeliverable), failing, groups: group };
}

const total = ({ visible, inFlight }: QueueDepth): number => visible + inFlight;

async function failingStatus({ name: consumer, ...deps }: StatusConsumer, most: number) {
  const states = { retrying: 0, deferred: 0, dead: 0 };
  let count = 0;
  for await (const page of listFailures({ consumer, ...deps })) {
    for (const { state } of page) states[state] += 1;
    count += page.length;
    if (count > most) break;
  }
  return { ...states, isCut: count > most };
}

async function groupsStatus(
  { waiting, paused }: NonNullable<StatusConsumer['groups']>,
  most: number,
): Promise<GroupsStatus> {
  const status = { held: 0, retrying: 0, paused: 0 };
  let oldestSince: EpochMs | undefined;
  for await (const page of waiting.list()) {
    // the longest wait comes first
    oldestSince ??= page[0]?.cursor.blockedBy.since;
    for (const { cursor } of page) status[cursor.blockedBy.state === 'dead' ? 'held' : 'retrying'] += 1;
    if (status.held + status.retrying > most) break;
  }
  for await (const page of paused.list()) {
    status.paused += page.length;
    if (status.paused > most) break;
  }
  const isCut = status.held + status.retrying > most || status.paused > most;
  return { ...status, isCut, oldestSince };
}
