import type { UnitOfWork } from '../outbox/index.ts';
import type { TenantTable } from '../tenancy/index.ts';
import { collectDeletion, collectRelease, nextDeletable } from './delete-links.ts';
import { type EntityRef, entityKey, isSameEntity } from './entity.ts';
import { AggregateRootTakenError, LinkChangedTwiceError, LinkNotFoundError } from './errors.ts';
import { LinkDeletionContinued } from './events.ts';
import { createLinkFinder, type LinkFinder } from './find-links.ts';
import { assertEntity, assertLink, type LinkIdentity, type LinkMetadata, metadataText, type NewLink } from './link.ts';
import { type LinkItem, linkKey, rootKey, toLinkItem } from './link-item.ts';

/**
 * Changes of links, committed with the unit of work. Each looks at what is stored, not at what the same unit of work
 * has collected. Await it: it reads before it collects.
 */
export interface LinkWrites {
  /**
   * A link that is there already stays as it is, its metadata too: an event that comes again must not undo a later
   * `setMetadata`.
   * @throws LinkInvalidError `LINK_INVALID` naming everything that is wrong
   * @throws AggregateRootTakenError `LINK_AGGREGATE_ROOT_TAKEN` when the target is a part of another aggregate
   */
  create(link: NewLink): Promise<void>;
  /**
   * Replaces the metadata.
   * @throws LinkNotFoundError `LINK_NOT_FOUND`
   */
  setMetadata(link: LinkIdentity, metadata: LinkMetadata): Promise<void>;
  /** A cascading link's deletion is told to the target's module. Nothing happens without the link. */
  delete(link: LinkIdentity): Promise<void>;
  /** Deletes the link and tells nobody: the target lives on by itself. */
  release(link: LinkIdentity): Promise<void>;
  /**
   * The source is gone: deletes all its links, and tells the targets' modules of those that cascade. What one
   * transaction does not take goes on after it, by `LinkDeletionContinued`.
   */
  deleteAllFrom(source: EntityRef): Promise<void>;
}

export interface Links extends LinkFinder {
  /** @example await links.within(tx).create({ source: order, target: payment, type: 'cascade' }); */
  within(tx: UnitOfWork): LinkWrites;
}

export interface LinksOptions {
  /** A table of `LINKS_TABLE`, its items read by `parseLinkItem`. */
  readonly table: TenantTable<LinkItem>;
}

/** Of the 100 actions of a transaction; the rest is left to the handler, the inbox and the cursor. */
const DELETION_ACTIONS = 60;

/** Links between the entities of modules. */
export function createLinks({ table }: LinksOptions): Links {
  const finds = createLinkFinder({ table });
  const changes = new WeakMap<UnitOfWork, Map<string, string>>();

  /** @returns whether the change is the link's first in this unit of work; a repeated one adds nothing */
  const isFirst = (tx: UnitOfWork, link: LinkIdentity, change: string): boolean => {
    const collected = changes.get(tx) ?? new Map<string, string>();
    changes.set(tx, collected);
    const { source, toTarget } = linkKey(link);
    const key = `${source} ${toTarget}`;
    const before = collected.get(key);
    if (before !== undefined && before !== change) throw new LinkChangedTwiceError(link, before, change);
    collected.set(key, change);
    return before === undefined;
  };

  return {
    ...finds,
    within: (tx) => ({
      async create({ metadata = {}, ...link }) {
        assertLink(link);
        const text = metadataText(metadata);
        if (!isFirst(tx, link, 'create')) return;
        const isPart = link.type === 'aggregate_root';
        const [known, taken] = await Promise.all([
          finds.get(link),
          isPart ? table.get(rootKey(link.target)) : undefined,
        ]);
        if (known !== undefined) return;
        if (taken?.kind === 'root' && !isSameEntity(taken.root, link.source)) {
          throw new AggregateRootTakenError(link, taken.root);
        }
        table.within(tx).put({
          Item: toLinkItem(link, text),
          // the same link at the same time is no error either
          ConditionExpression: 'attribute_not_exists(#source) OR #metadata = :metadata',
          ExpressionAttributeNames: { '#source': 'source', '#metadata': 'metadata' },
          ExpressionAttributeValues: { ':metadata': text },
        });
        if (isPart) claimRoot(tx, link);
      },

      async setMetadata(link, metadata) {
        assertLink(link);
        const text = metadataText(metadata);
        if (!isFirst(tx, link, `setMetadata ${text}`)) return;
        if ((await finds.get(link)) === undefined) throw new LinkNotFoundError(link);
        table.within(tx).update({
          Key: linkKey(link),
          UpdateExpression: 'SET #metadata = :metadata',
          ConditionExpression: 'attribute_exists(#source)',
          ExpressionAttributeNames: { '#source': 'source', '#metadata': 'metadata' },
          ExpressionAttributeValues: { ':metadata': text },
        });
      },

      async delete(link) {
        assertLink(link);
        if (!isFirst(tx, link, 'delete')) return;
        const known = await finds.get(link);
        if (known !== undefined) collectDeletion(table, tx, known);
      },

      async release(link) {
        assertLink(link);
        if (!isFirst(tx, link, 'release')) return;
        const known = await finds.get(link);
        if (known !== undefined) collectRelease(table, tx, known);
      },

      async deleteAllFrom(source) {
        assertEntity('source', source);
        const { links, isLast } = await nextDeletable(table, source, DELETION_ACTIONS);
        for (const link of links) if (isFirst(tx, link, 'delete')) collectDeletion(table, tx, link);
        if (!isLast) tx.publish(LinkDeletionContinued, { source });
      },
    }),
  };

  function claimRoot(tx: UnitOfWork, { source, target }: LinkIdentity): void {
    const root = entityKey(source);
    table.within(tx).put({
      Item: { ...rootKey(target), root },
      ConditionExpression: 'attribute_not_exists(#root) OR #root = :root',
      ExpressionAttributeNames: { '#root': 'root' },
      ExpressionAttributeValues: { ':root': root },
    });
  }
}
