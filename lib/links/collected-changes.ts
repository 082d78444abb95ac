import type { UnitOfWork } from '../outbox/index.ts';
import { type EntityRef, entityKey, isSameEntity } from './entity.ts';
import { AggregateRootTakenError, LinkChangedTwiceError } from './errors.ts';
import type { LinkIdentity } from './link.ts';
import { linkKey } from './link-item.ts';

/** What a unit of work was asked to change about links so far: a transaction takes one change of an item. */
export interface CollectedChanges {
  /** Actions of the transaction that deletions have taken. */
  deletionActions: number;
  /**
   * @returns whether the change is the link's first; a repeated one adds nothing
   * @throws LinkChangedTwiceError `LINK_CHANGED_TWICE`
   */
  isFirst(link: LinkIdentity, change: string): boolean;
  /** Has `collect` do the change, if it is the link's first. Where that throws, nothing counts as changed. */
  once(link: LinkIdentity, change: string, collect: () => Promise<void>): Promise<void>;
  /** @throws AggregateRootTakenError `LINK_AGGREGATE_ROOT_TAKEN` where the part was given another root before */
  claimRoot(link: LinkIdentity): void;
}

/** A change begins with the method that was called for it. */
const methodOf = (change: string): string => change.split(' ')[0] ?? change;

/** @returns what each unit of work has collected */
export function createCollectedChanges(): (tx: UnitOfWork) => CollectedChanges {
  const known = new WeakMap<UnitOfWork, CollectedChanges>();
  return (tx) => {
    const changes = known.get(tx) ?? collectChanges();
    known.set(tx, changes);
    return changes;
  };
}

function collectChanges(): CollectedChanges {
  const changes = new Map<string, string>();
  const roots = new Map<string, EntityRef>();

  const keyOf = (link: LinkIdentity): string => {
    const { source, toTarget } = linkKey(link);
    return `${source} ${toTarget}`;
  };
  const isFirst = (link: LinkIdentity, change: string): boolean => {
    const key = keyOf(link);
    const before = changes.get(key);
    if (before !== undefined && before !== change)
      throw new LinkChangedTwiceError(link, methodOf(before), methodOf(change));
    changes.set(key, change);
    return before === undefined;
  };

  return {
    deletionActions: 0,
    isFirst,
    async once(link, change, collect) {
      if (!isFirst(link, change)) return;
      try {
        await collect();
      } catch (error) {
        changes.delete(keyOf(link));
        throw error;
      }
    },
    claimRoot(link) {
      const part = entityKey(link.target);
      const root = roots.get(part);
      if (root !== undefined && !isSameEntity(root, link.source)) throw new AggregateRootTakenError(link, root);
      roots.set(part, link.source);
    },
  };
}
