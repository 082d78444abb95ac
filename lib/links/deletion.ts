import { causedBy, type EventContext, type EventOf } from '../event/index.ts';
import type { Outbox, UnitOfWork } from '../outbox/index.ts';
import type { TenantTable } from '../tenancy/index.ts';
import { type EntityRef, entityKey } from './entity.ts';
import { LinkDeletionContinued, linkCascadedTo } from './events.ts';
import { isCascading, type LinkType } from './link.ts';
import { type LinkItem, linkKey, rootKey, type StoredLink } from './link-item.ts';

export interface LinkDeletionOptions {
  readonly table: TenantTable<LinkItem>;
  readonly outbox: Outbox;
}

/** A whole transaction: nothing else is written in it. */
const PORTION_ACTIONS = 100;

/** Takes some seconds; then a new event continues, long before the function times out. */
const PORTIONS_PER_EVENT = 100;

/**
 * Handles `LinkDeletionContinued`: deletes the links of a source in portions, each with its events in a transaction of its
 * own. An execution that is interrupted continues when the event is received again, because a portion is either deleted
 * or not. After 100 portions a new event continues.
 *
 * @example
 * handlersFor(mine, { …, 'waybill.link.deletion-continued': createLinkDeletion({ table, outbox }) });
 */
export const createLinkDeletion =
  ({ table, outbox }: LinkDeletionOptions) =>
  async (event: EventOf<typeof LinkDeletionContinued>, { signal }: { readonly signal: AbortSignal }): Promise<void> => {
    for (let portion = 1; portion <= PORTIONS_PER_EVENT; portion++) {
      signal.throwIfAborted();
      const found = await findDeletable(table, event.data.source, PORTION_ACTIONS);
      const { links, rest } = firstPortion(found.links, PORTION_ACTIONS);
      await outbox.transact((work) => {
        for (const link of links) collectDeletion(table, work, link);
      }, causedBy(event));
      if (rest.length === 0 && found.isLast) return;
    }
    await outbox.transact((work) => work.publish(LinkDeletionContinued, event.data), sameStepAs(event));
  };

/**
 * The next event has the `hops` of this one. Otherwise the events of a large source would reach the loop guard's limit,
 * although the deletion ends with the links.
 */
const sameStepAs = (event: EventOf<typeof LinkDeletionContinued>): EventContext =>
  causedBy({ ...event, hops: event.hops - 1 });

/** Actions of the transaction per link: the item; the event, its marker and the head of its group; the part's root. */
const ACTIONS_PER_LINK: Readonly<Record<LinkType, number>> = { reference: 1, cascade: 4, aggregate_root: 5 };

/**
 * Collects the deletion of a link that was found, and its event. A cascading link must be unchanged when the deletion is
 * committed, so that one of two writers publishes the event, with the metadata as they were.
 */
export function collectDeletion(table: TenantTable<LinkItem>, tx: UnitOfWork, stored: StoredLink): void {
  collectRelease(table, tx, stored);
  const { source, target, type, metadata } = stored.link;
  if (isCascading(type)) tx.publish(linkCascadedTo(target.module), { source, target, type, metadata });
}

/** Collects the deletion of a link that was found, without an event. */
export function collectRelease(table: TenantTable<LinkItem>, tx: UnitOfWork, { link, metadata }: StoredLink): void {
  const writes = table.within(tx);
  writes.delete({
    Key: linkKey(link),
    ...(isCascading(link.type) && {
      ConditionExpression: '#metadata = :metadata',
      ExpressionAttributeNames: { '#metadata': 'metadata' },
      ExpressionAttributeValues: { ':metadata': metadata },
    }),
  });
  if (link.type === 'aggregate_root') writes.delete({ Key: rootKey(link.target) });
}

/** Actions of the transaction that the deletion of these links takes. */
export const deletionActionsOf = (all: readonly StoredLink[]): number =>
  all.reduce((sum, { link }) => sum + ACTIONS_PER_LINK[link.type], 0);

export interface DeletableLinks {
  readonly links: readonly StoredLink[];
  readonly isLast: boolean;
}

/** The first links of a source: at least as many as `maxActions` can delete, if there are so many. */
export async function findDeletable(
  table: TenantTable<LinkItem>,
  source: EntityRef,
  maxActions: number,
): Promise<DeletableLinks> {
  const { items, next } = await table.query({ partition: entityKey(source), limit: maxActions });
  return { links: items.filter((item) => item.kind === 'link'), isLast: next === undefined };
}

/** The first links, as many as `maxActions` can delete, and the rest. */
export function firstPortion(
  all: readonly StoredLink[],
  maxActions: number,
): { readonly links: readonly StoredLink[]; readonly rest: readonly StoredLink[] } {
  let actions = 0;
  const end = all.findIndex(({ link }) => {
    actions += ACTIONS_PER_LINK[link.type];
    return actions > maxActions;
  });
  return end === -1 ? { links: all, rest: [] } : { links: all.slice(0, end), rest: all.slice(end) };
}
