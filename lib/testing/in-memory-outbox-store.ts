import { HEAD_SEQUENCE } from '../definitions/index.ts';
import type { NewEventRecord } from '../outbox/event-record.ts';
import type { Item } from '../outbox/item-size.ts';
import type { CommitOutcome, GroupHead, HeadMove, OutboxCommit, OutboxStore } from '../outbox/ports.ts';
import { downgradeUnverified, explainUnverified } from '../outbox/unverified-heads.ts';
import type { InMemoryTables } from './in-memory-tables.ts';

export interface InMemoryOutboxStoreOptions {
  /** The caller's tables. @default - none: only events can be committed */
  readonly tables?: InMemoryTables;
}

export interface InMemoryOutboxStore extends OutboxStore {
  /** Every committed event, in the order of commits. */
  readonly events: readonly NewEventRecord[];
  /** The items of one of the caller's tables. */
  items(tableName: string): readonly Item[];
  /** Deletes an event, as the log's retention does. */
  expire(place: { readonly group: string; readonly sequence: number }): void;
}

const NO_HEAD: GroupHead = { last: HEAD_SEQUENCE };

/** A store for tests. */
export function createInMemoryOutboxStore({
  tables = NO_TABLES,
}: InMemoryOutboxStoreOptions = {}): InMemoryOutboxStore {
  const heads = new Map<string, GroupHead>();
  const log = new Map<string, NewEventRecord>();
  const tokens = new Map<string, string>();
  const place = ({ group, sequence }: { readonly group: string; readonly sequence: number }) => `${group} ${sequence}`;

  const check = ({ writes, heads: moves, events }: OutboxCommit): CommitOutcome => {
    const refused = tables.firstRefused(writes);
    if (refused?.fault !== undefined) return { kind: 'write-refused', index: refused.index, ...refused.fault };
    if (refused !== undefined) return { kind: 'condition-failed', index: refused.index, item: refused.item };
    const verified = downgradeUnverified(moves, ({ group, from }) => log.has(place({ group, sequence: from })));
    const moved = verified.heads.filter((move) => !mayMove(heads.get(move.group), move));
    if (moved.length > 0) {
      const standing = new Map(moved.map(({ group }) => [group, heads.get(group) ?? NO_HEAD]));
      return explainUnverified({ kind: 'head-moved', heads: standing }, verified);
    }
    const taken = events.find((event) => log.has(place(event)));
    if (taken !== undefined) return { kind: 'sequence-taken', event: taken };
    return { kind: 'committed' };
  };

  return {
    get events() {
      return [...log.values()];
    },
    items: tables.items,
    expire: (event) => void log.delete(place(event)),
    readHeads: async (groups) => new Map(groups.map((group) => [group, heads.get(group) ?? NO_HEAD])),
    async commit(commit) {
      const { token, ...content } = commit;
      const seen = tokens.get(token);
      if (seen === JSON.stringify(content)) return { kind: 'committed' };
      if (seen !== undefined) throw new Error(`token '${token}' was used for another commit`);
      const outcome = check(commit);
      if (outcome.kind === 'committed') {
        tables.apply(commit.writes);
        for (const { group, to, lastExpires = heads.get(group)?.lastExpires, by = 'head' } of commit.heads) {
          heads.set(group, {
            last: to,
            ...(lastExpires !== undefined && { lastExpires }),
            ...(by !== 'head' && { versioned: true }),
          });
        }
        for (const event of commit.events) log.set(place(event), event);
        tokens.set(token, JSON.stringify(content));
      }
      return outcome;
    },
  };
}

/** The same conditions as those of the store in DynamoDB. */
function mayMove(head: GroupHead | undefined, { from, by = 'head' }: HeadMove): boolean {
  if (head === undefined) return from === 0 || by === 'versions-after-event';
  const { last, versioned = false } = head;
  if (versioned !== (by !== 'head')) return false;
  return by === 'versions-after-event' ? last < from : last === from && last > 0;
}

const refuse = (): never => {
  throw new Error('the outbox store has no tables: create it with those that are written to');
};

const NO_TABLES: InMemoryTables = {
  get: refuse,
  items: refuse,
  firstRefused: (writes) => (writes.length === 0 ? undefined : refuse()),
  apply: (writes) => (writes.length === 0 ? undefined : refuse()),
};
