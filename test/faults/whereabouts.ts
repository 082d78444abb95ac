import type { NewEventRecord } from '../../lib/outbox/event-record.ts';
import { type Committed, numberOf } from './committed.ts';
import type { Site } from './site.ts';
import type { Witness } from './witness.ts';

/** What is looked at once nothing is under way. */
export interface AtRest {
  readonly committed: Committed;
  readonly sites: readonly Site[];
  readonly witness: Witness;
  /** Whether the event's marker is still there: it is not published. */
  readonly isPending: (event: NewEventRecord) => boolean;
  /** Whether nothing was injected and nobody did anything: all trouble is the handlers' own. */
  readonly isUndisturbed: () => boolean;
}

/** What is wrong, now that every queue is empty: an event that is nowhere, a group that waits for nothing. */
export function* wrongAtRest(world: AtRest): Generator<string> {
  for (const site of world.sites) {
    const letters = world.committed.events.length === 0 ? new Set<NewEventRecord>() : lettersOf(site, world.committed);
    for (const left of site.queue.messages()) {
      const { group, sequence } = world.committed.byBody(left.body);
      yield `${site.subscription.name}: ${group} ${sequence} lies in the queue for good`;
    }
    for (const event of world.committed.events) {
      if (world.witness.isDealtWith(site, event) || !world.committed.isLogged(event)) continue;
      if (hasPlace(site, event, letters, world)) continue;
      yield `${site.subscription.name}: ${event.group} ${event.sequence} is lost: it was not handled and is nowhere${cursorText(site, event, world)}`;
    }
    yield* deafGroups(site, letters, world);
    if (world.isUndisturbed() && site.plan.update === undefined) yield* strangeLetters(site, letters, world);
  }
}

/** Every event is handled, and every cursor is at its group's head. */
export function* wrongInTheEnd(world: AtRest): Generator<string> {
  const { committed, witness, sites } = world;
  for (const site of sites) {
    const name = site.subscription.name;
    for (const { body } of site.queue.deadLetters()) {
      const event = committed.byBody(body);
      const { group, sequence } = event;
      // of a type that was removed: no redrive can bring it further
      if (!site.takes(event)) continue;
      yield `${name}: ${group} ${sequence} is still in the DLQ after every redrive`;
    }
    for (const event of committed.events) {
      if (!witness.isDue(site, event) || witness.isDealtWith(site, event) || !committed.isLogged(event)) continue;
      yield `${name}: ${event.group} ${event.sequence} is not handled after every redrive${cursorText(site, event, world)}`;
    }
    for (const event of committed.events) {
      const cursor = witness.cursorOf(site, event.group);
      if (cursor === undefined) continue;
      const isBeyond = ({ sequence }: NewEventRecord) => sequence > cursor.processed && sequence <= cursor.seen;
      // types that were removed need nobody to go past them
      const isBehind = committed.ofGroup(event.group).some((other) => isBeyond(other) && site.takes(other));
      if (!isBehind && cursor.blockedBy === undefined) continue;
      yield `${name}: ${event.group} did not drain${cursorText(site, event, world)}`;
    }
  }
}

const lettersOf = (site: Site, committed: Committed) =>
  new Set(site.queue.deadLetters().map(({ body }) => committed.byBody(body)));

const cursorText = (site: Site, { group }: NewEventRecord, { witness }: AtRest): string => {
  const cursor = witness.cursorOf(site, group);
  if (cursor === undefined) return '';
  const waits = cursor.blockedBy === undefined ? '' : `, waiting for ${cursor.blockedBy.sequence}`;
  return ` (processed ${cursor.processed}, seen ${cursor.seen}${waits})`;
};

/** Whether an event that was not handled lies in one of the places that have a name and a way back. */
function hasPlace(site: Site, event: NewEventRecord, letters: ReadonlySet<NewEventRecord>, world: AtRest): boolean {
  const { witness, isPending } = world;
  if (!witness.isDue(site, event) && !site.delivered.has(event)) return true;
  if (isPending(event) || letters.has(event)) return true;
  if (site.undeliverable.has(event) || site.lost.has(event) || site.missed.has(event)) return true;
  if (!site.ordersBy(event)) return false;
  if (!witness.isDue(site, event)) return true;
  // what has been seen waits in the log, and the group's queue is looked at by itself
  return event.sequence <= (witness.cursorOf(site, event.group)?.seen ?? 0);
}

/** Groups in which something waits, and no message is left that could set them going. */
function* deafGroups(site: Site, letters: ReadonlySet<NewEventRecord>, world: AtRest): Generator<string> {
  const groups = new Set(world.committed.events.filter(site.ordersBy).map(({ group }) => group));
  for (const group of groups) {
    const cursor = world.witness.cursorOf(site, group);
    if (cursor === undefined || site.purged.has(group)) continue;
    const { processed, seen, blockedBy } = cursor;
    const name = `${site.subscription.name}: ${group}`;
    const inGroup = [...letters].filter((event) => event.group === group);
    if (blockedBy !== undefined) {
      if (inGroup.some(({ sequence }) => sequence === blockedBy.sequence)) continue;
      yield `${name} waits for ${blockedBy.sequence}, whose message is nowhere (processed ${processed}, seen ${seen})`;
    } else if (processed < seen && inGroup.length === 0) {
      yield `${name} has seen ${seen} and processed ${processed}, and no message of it is left`;
    }
  }
}

/** Receives that an event which kills its process may cost whatever shares batches with it, until it is known. */
const COST_OF_A_KILLER = 3;

/**
 * Dead letters of events that their handlers have nothing against: they have followed another one into the DLQ; and
 * dead letters whose group does not say that it waits.
 */
function* strangeLetters(
  site: Site,
  letters: ReadonlySet<NewEventRecord>,
  { committed, witness }: AtRest,
): Generator<string> {
  const temperOf = (event: NewEventRecord) => site.tempers.of(numberOf(event));
  const taken = committed.events.filter(site.takes);
  // who shares a batch with what kills the process, or takes all of its time, suffers with it
  if (site.plan.queueGroups === 'apart' || taken.some((event) => temperOf(event).kind === 'slow')) return;
  const killers = taken.filter((event) => temperOf(event).kind === 'kills');
  if (killers.length > 0 && site.plan.maxReceiveCount < 2 + COST_OF_A_KILLER * killers.length) return;
  for (const letter of letters) {
    if (!site.ordersBy(letter)) continue;
    const what = `${site.subscription.name}: ${letter.group} ${letter.sequence} is in the DLQ`;
    if (!('times' in temperOf(letter))) yield `${what}, and nothing is wrong with it`;
    if (killers.length === 0 && temperOf(letter).kind === 'defers') yield `${what}, and it only had to wait`;
    if (killers.length === 0 && temperOf(letter).kind === 'loses races') yield `${what}, and it only lost races`;
    if (witness.isDealtWith(site, letter) || witness.cursorOf(site, letter.group)?.blockedBy !== undefined) continue;
    yield `${what}, and its group does not say that it is held`;
  }
}
