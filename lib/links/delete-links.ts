import type { UnitOfWork } from '../outbox/index.ts';
import type { TenantTable } from '../tenancy/index.ts';
import { type EntityRef, entityKey } from './entity.ts';
import { linkCascadedTo } from './events.ts';
import { isCascading, type LinkType } from './link.ts';
import { type LinkItem, linkKey, rootKey, type StoredLink } from './link-item.ts';

/** Actions of a transaction per link: the item; the event, its marker and the head of its group; the part's root. */
const ACTIONS_PER_LINK: Readonly<Record<LinkType, number>> = { reference: 1, cascade: 4, aggregate_root: 5 };

/**
 * Collects the deletion of a link that was found.
 *
 * A cascading link must still be there, as it was found, when the deletion is committed: whoever deletes it tells the
 * target's module of it, and of two only one may.
 */
export function collectDeletion(table: TenantTable<LinkItem>, tx: UnitOfWork, stored: StoredLink): void {
  collectRelease(table, tx, stored);
  const { source, target, type, metadata } = stored.link;
  if (isCascading(type)) tx.publish(linkCascadedTo(target.module), { source, target, type, metadata });
}

/** As a deletion, and nobody is told. */
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

/** Actions of the transaction that the links' deletion takes. */
export const deletionActionsOf = (all: readonly StoredLink[]): number =>
  all.reduce((sum, { link }) => sum + ACTIONS_PER_LINK[link.type], 0);

export interface FoundLinks {
  readonly links: readonly StoredLink[];
  readonly isLast: boolean;
}

/** As many of the first links from a source as so many actions may delete. */
export async function findDeletable(
  table: TenantTable<LinkItem>,
  source: EntityRef,
  maxActions: number,
): Promise<FoundLinks> {
  const { items, next } = await table.query({ partition: entityKey(source), limit: maxActions });
  return { links: items.filter((item) => item.kind === 'link'), isLast: next === undefined };
}

/** The first links, as many as so many actions delete, and the rest. */
export function partOf(
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
