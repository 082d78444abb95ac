import { causedBy, type EventContext, type EventOf } from '../event/index.ts';
import type { Outbox } from '../outbox/index.ts';
import type { TenantTable } from '../tenancy/index.ts';
import { collectDeletion, findDeletable, partOf } from './delete-links.ts';
import { LinkDeletionContinued } from './events.ts';
import type { LinkItem } from './link-item.ts';

export interface LinkDeletionOptions {
  readonly table: TenantTable<LinkItem>;
  readonly outbox: Outbox;
}

/** All of a transaction: nothing else is written in it. */
const PART_ACTIONS = 100;

/** Some seconds of work: a next event goes on long before the function's time is up. */
const PARTS_PER_EVENT = 100;

/**
 * Takes `LinkDeletionContinued`: deletes the links from a source, part by part, each with its events in a transaction of
 * its own. A part is there or not, so an execution that ends on the way is simply gone on with. When there are
 * thousands, a further event goes on.
 *
 * @example
 * handlersFor(mine, { …, 'waybill.link.deletion-continued': createLinkDeletion({ table, outbox }) });
 */
export const createLinkDeletion =
  ({ table, outbox }: LinkDeletionOptions) =>
  async (event: EventOf<typeof LinkDeletionContinued>, { signal }: { readonly signal: AbortSignal }): Promise<void> => {
    for (let part = 1; part <= PARTS_PER_EVENT; part++) {
      signal.throwIfAborted();
      const found = await findDeletable(table, event.data.source, PART_ACTIONS);
      const { links, rest } = partOf(found.links, PART_ACTIONS);
      await outbox.transact((work) => {
        for (const link of links) collectDeletion(table, work, link);
      }, causedBy(event));
      if (rest.length === 0 && found.isLast) return;
    }
    await outbox.transact((work) => work.publish(LinkDeletionContinued, event.data), goingOnWith(event));
  };

/**
 * No step further from the request than the event itself: the same deletion goes on, and ends with the links. Counted as
 * steps, the events of a large source would come to the loop guard's limit.
 */
const goingOnWith = (event: EventOf<typeof LinkDeletionContinued>): EventContext =>
  causedBy({ ...event, hops: event.hops - 1 });
