import type { UnitOfWork } from '../outbox/index.ts';
import type { TenantTable } from '../tenancy/index.ts';
import { collectDeletion, collectRelease, deletionActionsOf, findDeletable, firstPortion } from './deletion.ts';
import { type EntityRef, entityKey, isSameEntity } from './entity.ts';
import { AggregateRootTakenError, LinkChangedTwiceError, LinkNotFoundError } from './errors.ts';
import { LinkDeletionContinued } from './events.ts';
import { createLinkFinder, type LinkFinder } from './find-links.ts';
import type { LinkIdentity, LinkMetadata, NewLink } from './link.ts';
import {
  type LinkItem,
  type LinkOrigin,
  linkKey,
  rootKey,
  type StoredLink,
  toLinkItem,
  toRootItem,
} from './link-item.ts';
import { assertEntity, assertLink, metadataText } from './link-rules.ts';

/**
 * Changes of links, committed with the unit of work. Await each call, because it reads what is stored before it collects
 * writes. It does not see what the same unit of work has collected.
 *
 * Each link stores when and by which event it was created and last changed, as `tx.origin()` says. If another writer
 * creates or changes the link between the read and the commit, the commit is refused with `OUTBOX_CONDITION_FAILED`,
 * and a consumer runs its handler again.
 */
export interface LinkWrites {
  /**
   * Creates a link. An existing link stays unchanged, with its metadata, because an event that is received again must not
   * undo a later `setMetadata`.
   * @throws LinkInvalidError `LINK_INVALID` naming all problems
   * @throws AggregateRootTakenError `LINK_AGGREGATE_ROOT_TAKEN` if the target is a part of another aggregate
   */
  create(link: NewLink): Promise<void>;
  /**
   * Replaces the metadata. Equal metadata is no change: `changedAt` and `changedBy` stay.
   * @throws LinkInvalidError `LINK_INVALID` naming all problems
   * @throws LinkNotFoundError `LINK_NOT_FOUND`
   */
  setMetadata(link: LinkIdentity, metadata: LinkMetadata): Promise<void>;
  /** Deletes the link if it exists, and notifies the target's module if the link cascades. */
  delete(link: LinkIdentity): Promise<void>;
  /** Deletes the link if it exists, without a notification: the target stays. */
  release(link: LinkIdentity): Promise<void>;
  /**
   * Deletes all links of a source that was deleted, and notifies the targets' modules of those that cascade.
   * `LinkDeletionContinued` continues with what one transaction cannot take.
   */
  deleteAllFrom(source: EntityRef): Promise<void>;
}

export interface Links extends LinkFinder {
  /** @example await links.within(tx).create({ source: order, target: payment, type: 'cascade' }); */
  within(tx: UnitOfWork): LinkWrites;
}

export interface LinksOptions {
  /** A table of `LINKS_TABLE` whose items `parseLinkItem` reads. */
  readonly table: TenantTable<LinkItem>;
}

/** Of a transaction's 100 actions, for all deletions in it; the rest is for the handler, the inbox and the cursor. */
const DELETION_ACTIONS = 60;

/** Links between the entities of modules. */
export function createLinks({ table }: LinksOptions): Links {
  const collected = new WeakMap<UnitOfWork, CollectedChanges>();
  const changesOf = (tx: UnitOfWork): CollectedChanges => {
    const changes = collected.get(tx) ?? createCollectedChanges();
    collected.set(tx, changes);
    return changes;
  };
  const find = async (link: LinkIdentity): Promise<StoredLink | undefined> => {
    const item = await table.get(linkKey(link));
    return item?.kind === 'link' ? item : undefined;
  };

  return {
    ...createLinkFinder({ table }),
    within(tx) {
      const changes = changesOf(tx);
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
              find(link),
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
            const known = await find(link);
            if (known === undefined) throw new LinkNotFoundError(link);
            collectMetadata(table, tx, known, text);
          });
        },

        async delete(link) {
          assertLink(link);
          await changes.once(link, 'delete', async () => {
            const known = await find(link);
            if (known !== undefined) collectDeletions([known]);
          });
        },

        async release(link) {
          assertLink(link);
          await changes.once(link, 'release', async () => {
            const known = await find(link);
            if (known !== undefined) collectRelease(table, tx, known);
          });
        },

        async deleteAllFrom(source) {
          assertEntity('source', source);
          const found = await findDeletable(table, source, DELETION_ACTIONS);
          // nothing is awaited below: another call of the same unit of work must not use the same actions
          const left = found.links.filter(({ link }) => changes.isFirst(link, 'delete'));
          const { links, rest } = firstPortion(left, DELETION_ACTIONS - changes.deletionActions);
          collectDeletions(links);
          if (rest.length > 0 || !found.isLast) tx.publish(LinkDeletionContinued, { source });
        },
      };
    },
  };
}

/** Collects a link that was not found, on condition that it still does not exist: `created` is the first creator's. */
function collectLink(table: TenantTable<LinkItem>, tx: UnitOfWork, link: LinkIdentity, text: string): void {
  const writes = table.within(tx);
  writes.put({
    Item: toLinkItem(link, text, originOf(tx)),
    ConditionExpression: 'attribute_not_exists(#source)',
    ExpressionAttributeNames: { '#source': 'source' },
  });
  if (link.type !== 'aggregate_root') return;
  const item = toRootItem(link);
  writes.put({
    Item: item,
    ConditionExpression: 'attribute_not_exists(#root) OR #root = :root',
    ExpressionAttributeNames: { '#root': 'root' },
    ExpressionAttributeValues: { ':root': item.root },
  });
}

/** Collects metadata for a link that was found, on condition that it still has the metadata that it had then. */
function collectMetadata(
  table: TenantTable<LinkItem>,
  tx: UnitOfWork,
  { link, metadata }: StoredLink,
  text: string,
): void {
  const isChange = text !== metadata;
  table.within(tx).update({
    Key: linkKey(link),
    UpdateExpression: `SET #metadata = :metadata${isChange ? ', #changed = :changed' : ''}`,
    ConditionExpression: '#metadata = :known',
    ExpressionAttributeNames: { '#metadata': 'metadata', ...(isChange && { '#changed': 'changed' }) },
    ExpressionAttributeValues: { ':metadata': text, ':known': metadata, ...(isChange && { ':changed': originOf(tx) }) },
  });
}

/** A link outlives the events of its changes: it names no person. */
function originOf(tx: UnitOfWork): LinkOrigin {
  const { at, by } = tx.origin();
  return { at, by };
}

type CollectedChanges = ReturnType<typeof createCollectedChanges>;

/** The changes of links that one unit of work has collected: a transaction takes one change of an item. */
function createCollectedChanges() {
  const changes = new Map<string, string>();
  const roots = new Map<string, EntityRef>();

  /**
   * @returns whether the change is the link's first; a repeated one collects nothing
   * @throws LinkChangedTwiceError `LINK_CHANGED_TWICE`
   */
  const isFirst = (link: LinkIdentity, change: string): boolean => {
    const key = textOf(link);
    const before = changes.get(key);
    if (before !== undefined && before !== change)
      throw new LinkChangedTwiceError(link, methodOf(before), methodOf(change));
    changes.set(key, change);
    return before === undefined;
  };

  return {
    /** Actions of the transaction that deletions use. */
    deletionActions: 0,
    isFirst,
    /** Collects the change if it is the link's first. If `collect` throws, the link counts as unchanged. */
    async once(link: LinkIdentity, change: string, collect: () => Promise<void>): Promise<void> {
      if (!isFirst(link, change)) return;
      try {
        await collect();
      } catch (error) {
        changes.delete(textOf(link));
        throw error;
      }
    },
    /** @throws AggregateRootTakenError `LINK_AGGREGATE_ROOT_TAKEN` if the unit of work gave the part another root */
    claimRoot(link: LinkIdentity): void {
      const part = entityKey(link.target);
      const root = roots.get(part);
      if (root !== undefined && !isSameEntity(root, link.source)) throw new AggregateRootTakenError(link, root);
      roots.set(part, link.source);
    },
  };
}

const textOf = (link: LinkIdentity): string => Object.values(linkKey(link)).join(' ');

/** A change begins with the name of the method that was called. */
const methodOf = (change: string): string => change.split(' ')[0] ?? change;
