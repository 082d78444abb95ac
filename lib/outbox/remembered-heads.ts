import type { GroupHead, HeadMove, OutboxStore } from './ports.ts';

/** Groups whose head an outbox remembers, some 200 KB. */
export const DEFAULT_REMEMBERED_HEADS = 1_000;

/** How often in a row nobody else must have moved a head between two commits before it is tried without a read. */
const TRUSTED_AFTER = 2;

/** The same once a remembered head was refused: a refused transaction costs as much as 30 to 40 reads of a head. */
const TRUSTED_AFTER_REFUSAL = 40;

/** The heads that a commit tries. */
export interface TriedHeads {
  readonly lastUsed: ReadonlyMap<string, GroupHead>;
  /** Groups whose head was remembered and not read. */
  readonly unread: ReadonlySet<string>;
}

/**
 * Finds the heads of groups, and remembers those that only this process moves, so that the usual commit to such a group
 * reads nothing. What is remembered may be wrong at any time: a commit moves each head on condition that it is as
 * remembered, and a refusal returns the current one.
 */
export interface RememberedHeads {
  /** Reads all heads that are not known to be moved by this process only. */
  find(groups: readonly string[]): Promise<TriedHeads>;
  committed(moves: readonly HeadMove[]): void;
  /**
   * @param current the heads that were not as tried
   * @returns the heads to try at once; undefined if one of those refused had been read
   */
  refused(current: ReadonlyMap<string, GroupHead>, tried: TriedHeads): TriedHeads | undefined;
  /** Another transaction may have moved the heads, or this one. */
  forget(moves: readonly HeadMove[]): void;
}

interface Entry {
  readonly head: GroupHead;
  /** Reads in a row that found the head as this process had left it. */
  readonly confirmations: number;
  readonly trustedAfter: number;
}

/** @param limit maximum number of groups; the least recently used ones are forgotten */
export function createRememberedHeads(store: Pick<OutboxStore, 'readHeads'>, limit: number): RememberedHeads {
  // in the order of use, the least recent first
  const entries = new Map<string, Entry>();

  const remember = (group: string, entry: Entry) => {
    entries.delete(group);
    entries.set(group, entry);
    const [oldest] = entries.keys();
    if (entries.size > limit && oldest !== undefined) entries.delete(oldest);
  };

  const trusted = (group: string): GroupHead | undefined => {
    const { head, confirmations = 0, trustedAfter = TRUSTED_AFTER } = entries.get(group) ?? {};
    return confirmations >= trustedAfter ? head : undefined;
  };

  const rememberRead = (group: string, head: GroupHead) => {
    const { head: known, confirmations = 0, trustedAfter = TRUSTED_AFTER } = entries.get(group) ?? {};
    const isConfirmed = known?.last === head.last;
    remember(group, { head, confirmations: isConfirmed ? confirmations + 1 : 0, trustedAfter });
  };

  return {
    async find(groups) {
      const known = new Map(
        groups.flatMap((group) => {
          const head = trusted(group);
          return head === undefined ? [] : [[group, head] as const];
        }),
      );
      const unknown = groups.filter((group) => !known.has(group));
      const read = unknown.length === 0 ? new Map<string, GroupHead>() : await store.readHeads(unknown);
      for (const [group, head] of read) rememberRead(group, head);
      return { lastUsed: new Map([...known, ...read]), unread: new Set(known.keys()) };
    },

    committed(moves) {
      for (const { group, to: last, lastExpires, by = 'head' } of moves) {
        // versioned heads are never read
        if (by !== 'head') continue;
        const { confirmations = 0, trustedAfter = TRUSTED_AFTER } = entries.get(group) ?? {};
        remember(group, { head: { last, lastExpires }, confirmations, trustedAfter });
      }
    },

    refused(current, { lastUsed, unread }) {
      for (const [group, head] of current) {
        if (unread.has(group)) remember(group, { head, confirmations: 0, trustedAfter: TRUSTED_AFTER_REFUSAL });
      }
      const groups = [...current.keys()];
      if (groups.length === 0 || !groups.every((group) => unread.has(group))) return undefined;
      const corrected = [...lastUsed].map(([group, head]) => [group, current.get(group) ?? head] as const);
      return { lastUsed: new Map(corrected), unread: new Set() };
    },

    forget(moves) {
      for (const { group } of moves) entries.delete(group);
    },
  };
}
