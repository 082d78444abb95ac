import type { UnitOfWork } from '../outbox/index.ts';
import type { TenantTable } from '../tenancy/index.ts';
import { collectLink, collectMetadata } from './collect-link.ts';
import { createCollectedChanges } from './collected-changes.ts';
import { collectDeletion, collectRelease, deletionActionsOf, findDeletable, partOf } from './delete-links.ts';
import { type EntityRef, isSameEntity } from './entity.ts';
import { AggregateRootTakenError, LinkNotFoundError } from './errors.ts';
import { LinkDeletionContinued } from './events.ts';
import { createLinkFinder, type LinkFinder } from './find-links.ts';
import type { LinkIdentity, LinkMetadata, NewLink } from './link.ts';
import { type LinkItem, linkKey, rootKey, type StoredLink } from './link-item.ts';
import { assertEntity, assertLink } from './link-rules.ts';
import { metadataText } from './metadata.ts';

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

/** Of the 100 actions of a transaction, for all deletions in it; the rest is the handler's, the inbox's and the cursor's. */
const DELETION_ACTIONS = 60;

/** Links between the entities of modules. */
export function createLinks({ table }: LinksOptions): Links {
  const finds = createLinkFinder({ table });
  const collectedBy = createCollectedChanges();

  return {
    ...finds,
    within(tx) {
      const changes = collectedBy(tx);
      const collectDeletions = (links: readonly StoredLink[]): void => {
        for (const link of links) collectDeletion(table, tx, link);
        changes.deletionActions += deletionActionsOf(links);
      };

      return {
        async create({ metadata = {}, ...link }) {
          assertLink(link);
          const text = metadataText(metadata);
          await changes.once(link, 'create', async () => {
            const isPart = link.type === 'aggregate_root';
            const [known, taken] = await Promise.all([
              finds.get(link),
              isPart ? table.get(rootKey(link.target)) : undefined,
            ]);
            if (known !== undefined) return;
            if (taken?.kind === 'root' && !isSameEntity(taken.root, link.source)) {
              throw new AggregateRootTakenError(link, taken.root);
            }
            if (isPart) changes.claimRoot(link);
            collectLink(table, tx, link, text);
          });
        },

        async setMetadata(link, metadata) {
          assertLink(link);
          const text = metadataText(metadata);
          await changes.once(link, `setMetadata ${text}`, async () => {
            if ((await finds.get(link)) === undefined) throw new LinkNotFoundError(link);
            collectMetadata(table, tx, link, text);
          });
        },

        async delete(link) {
          assertLink(link);
          await changes.once(link, 'delete', async () => {
            const known = await table.get(linkKey(link));
            if (known?.kind === 'link') collectDeletions([known]);
          });
        },

        async release(link) {
          assertLink(link);
          await changes.once(link, 'release', async () => {
            const known = await table.get(linkKey(link));
            if (known?.kind === 'link') collectRelease(table, tx, known);
          });
        },

        async deleteAllFrom(source) {
          assertEntity('source', source);
          const found = await findDeletable(table, source, DELETION_ACTIONS);
          // at once from here on: another call of the same unit of work must not take the same room
          const left = found.links.filter(({ link }) => changes.isFirst(link, 'delete'));
          const { links, rest } = partOf(left, DELETION_ACTIONS - changes.deletionActions);
          collectDeletions(links);
          if (rest.length > 0 || !found.isLast) tx.publish(LinkDeletionContinued, { source });
        },
      };
    },
  };
}
