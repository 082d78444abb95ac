import type { UnitOfWork } from '../outbox/index.ts';
import type { TenantTable } from '../tenancy/index.ts';
import { type EntityRef, entityKey } from './entity.ts';
import { linkCascadedTo } from './events.ts';
import { isCascading, type Link, type LinkType } from './link.ts';
import { type LinkItem, linkKey, rootKey } from './link-item.ts';

/** Actions of a transaction per link: the item; the event, its marker and the head of its group; the part's root. */
const ACTIONS_PER_LINK: Readonly<Record<LinkType, number>> = { reference: 1, cascade: 4, aggregate_root: 5 };

/**
 * Collects the deletion of a link that was found.
 *
 * A cascading link must still be there when the deletion is committed: whoever deletes it tells the target's module,
 * and of two only one may.
 */
export function collectDeletion(table: TenantTable<LinkItem>, tx: UnitOfWork, link: Link): void {
  collectRelease(table, tx, link);
  if (!isCascading(link.type)) return;
  const { source, target, type, metadata } = link;
  tx.publish(linkCascadedTo(target.module), { source, target, type, metadata });
}

/** As a deletion, and nobody is told. */
export function collectRelease(table: TenantTable<LinkItem>, tx: UnitOfWork, link: Link): void {
  const writes = table.within(tx);
  writes.delete({
    Key: linkKey(link),
    ...(isCascading(link.type) && {
      ConditionExpression: 'attribute_exists(#source)',
      ExpressionAttributeNames: { '#source': 'source' },
    }),
  });
  if (link.type === 'aggregate_root') writes.delete({ Key: rootKey(link.target) });
}

export interface DeletedPart {
  readonly links: readonly Link[];
  readonly isLast: boolean;
}

/**
 * The first links from a source whose deletion takes no more than so many actions.
 * @param maxActions from 5
 */
export async function nextDeletable(
  table: TenantTable<LinkItem>,
  source: EntityRef,
  maxActions: number,
): Promise<DeletedPart> {
  const { items, next } = await table.query({ partition: entityKey(source), limit: maxActions });
  const found = items.flatMap((item) => (item.kind === 'link' ? [item.link] : []));
  let actions = 0;
  const links = found.filter(({ type }) => {
    actions += ACTIONS_PER_LINK[type];
    return actions <= maxActions;
  });
  return { links, isLast: links.length === found.length && next === undefined };
}
