import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { type CursorOwner, readCursor } from '../../lib/consumer/dynamodb-cursor-store.ts';
import type { Cursor } from '../../lib/consumer/index.ts';
import type { NewEventRecord } from '../../lib/outbox/event-record.ts';
import type { Committed } from './committed.ts';
import { LEDGER_TABLE } from './handlers.ts';
import type { Site } from './site.ts';

/** Watches every write, and knows what each consumer has dealt with. */
export interface Witness {
  onApplied(writes: readonly TransactWriteItem[]): void;
  /** An operator allows the consumer to step over the event. */
  allowSkip(site: Site, event: NewEventRecord): void;
  /** The cursor is gone by its time to live. */
  forgetCursor(site: Site, group: string): void;
  cursorOf(site: Site, group: string): Cursor | undefined;
  /** The event has had its effect, or an operator has skipped it. */
  isDealtWith(site: Site, event: NewEventRecord): boolean;
  hasHandled(site: Site, event: NewEventRecord): boolean;
  /** Whether the consumer is to handle the event at all. */
  isDue(site: Site, event: NewEventRecord): boolean;
}

export interface WitnessDeps {
  readonly committed: Committed;
  readonly sites: readonly Site[];
  readonly accuse: (what: string) => void;
}

/** What is known of one consumer. */
interface Record {
  readonly site: Site;
  readonly handled: Set<NewEventRecord>;
  readonly skipped: Set<NewEventRecord>;
  readonly cursors: Map<string, Cursor>;
}

export function createWitness({ committed, sites, accuse }: WitnessDeps): Witness {
  const records = new Map<string, Record>();
  const recordOf = (name: string): Record => {
    const known = records.get(name);
    if (known !== undefined) return known;
    const site = sites.find(({ subscription }) => subscription.name === name);
    if (site === undefined) throw new Error(`no consumer '${name}'`);
    const record = { site, handled: new Set<NewEventRecord>(), skipped: new Set<NewEventRecord>(), cursors: new Map() };
    records.set(name, record);
    return record;
  };
  const of = (site: Site) => recordOf(site.subscription.name);

  const isDealtWith = ({ handled, skipped }: Record, event: NewEventRecord) => handled.has(event) || skipped.has(event);

  const isDue = ({ plan, createdAt, takes, ordersBy, isToggled, routed }: Site, event: NewEventRecord): boolean =>
    takes(event) &&
    // before the rule knew the type, nobody had subscribed to the event
    (!isToggled(event) || routed.has(event)) &&
    (plan.deployedAtMs === 0 || (ordersBy(event) && (plan.startFrom === 'horizon' || event.committedAt >= createdAt)));

  /** The first event of the group that is not beyond `sequence` and was passed over. */
  const passedOver = (record: Record, group: string, sequence: number) =>
    committed.ofGroup(group).find(
      (event) =>
        event.sequence <= sequence &&
        committed.isLogged(event) &&
        isDue(record.site, event) &&
        // code that does not take the type steps over it; the message says later that it was owed
        !record.site.isToggled(event) &&
        !isDealtWith(record, event),
    );

  const onEffect = (name: string, id: string) => {
    const record = recordOf(name);
    const event = committed.byId(id);
    const what = `${name}: ${event.group} ${event.sequence}`;
    if (record.handled.has(event)) accuse(`${what} has had its effect twice`);
    if (!record.site.hasTaken(event)) accuse(`${what} was handled, and nobody has subscribed to it`);
    record.handled.add(event);
    if (!record.site.ordersBy(event)) return;
    if (record.cursors.get(event.group)?.paused !== undefined) accuse(`${what} was handled while its group is paused`);
    const before = passedOver(record, event.group, event.sequence);
    if (before !== undefined) accuse(`${what} was handled before ${before.sequence}`);
    const after = committed
      .ofGroup(event.group)
      .find((other) => other.sequence > event.sequence && record.handled.has(other));
    if (after !== undefined && !record.site.isToggled(event)) accuse(`${what} was handled after ${after.sequence}`);
  };

  const onCursor = ({ consumer, group, ...cursor }: CursorOwner & Cursor, isResumed: boolean) => {
    const record = recordOf(consumer);
    const { processed, seen, blockedBy, revision } = cursor;
    const known = record.cursors.get(group);
    record.cursors.set(group, cursor);
    const what = `${consumer}: the cursor of ${group}`;
    if (seen < processed) accuse(`${what} has seen ${seen}, less than it has processed (${processed})`);
    if (blockedBy !== undefined && blockedBy.sequence <= processed) {
      accuse(`${what} waits for ${blockedBy.sequence}, which is processed`);
    }
    if (known !== undefined) {
      if (processed < known.processed) accuse(`${what} went back from ${known.processed} to ${processed}`);
      if (seen < known.seen) accuse(`${what} has forgotten that it has seen ${known.seen}, and says ${seen}`);
      if (known.paused !== undefined && cursor.paused === undefined && !isResumed) {
        accuse(`${what} is not paused any more, and nobody has resumed it`);
      }
      if (revision !== known.revision + 1) accuse(`${what} was written over: ${known.revision} became ${revision}`);
    }
    const lost = passedOver(record, group, processed);
    if (lost !== undefined) accuse(`${what} moved to ${processed} over ${lost.sequence}, which was not handled`);
  };

  return {
    onApplied(writes) {
      for (const { Put } of writes) {
        if (Put?.TableName !== LEDGER_TABLE) continue;
        onEffect(Put.Item?.['consumer']?.S ?? '', Put.Item?.['eventId']?.S ?? '');
      }
      const isResumed = writes.some(({ Put }) => Put?.Item?.['resumedAt'] !== undefined);
      for (const { Put } of writes) {
        if (Put?.TableName === 'cursors' && Put.Item) onCursor(readCursor(Put.Item), isResumed);
      }
    },
    allowSkip: (site, event) => void of(site).skipped.add(event),
    forgetCursor: (site, group) => void of(site).cursors.delete(group),
    cursorOf: (site, group) => of(site).cursors.get(group),
    isDealtWith: (site, event) => isDealtWith(of(site), event),
    hasHandled: (site, event) => of(site).handled.has(event),
    isDue,
  };
}
