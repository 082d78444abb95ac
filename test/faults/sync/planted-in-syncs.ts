import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { SyncItem } from '../../../lib/sync/sync-item.ts';
import type { PlantedInSync } from './sync-model.ts';

const isOf = (kind: string, id: unknown): boolean => typeof id === 'string' && id.startsWith(`${kind}#`);

/** Writes of one kind of item without their condition. */
const unguarded =
  (kind: string) =>
  (write: TransactWriteItem): TransactWriteItem => {
    const { Put } = write;
    if (Put === undefined || !isOf(kind, Put.Item?.['id']?.S)) return write;
    const { ConditionExpression, ExpressionAttributeNames, ExpressionAttributeValues, ...rest } = Put;
    return { ...write, Put: rest };
  };

/** Records as they are read, with another shadow. */
const withShadow =
  (change: (shadow: Record<string, unknown>) => Record<string, unknown>) =>
  (item: SyncItem): SyncItem => {
    const content = item.content as { readonly shadow?: Record<string, unknown> };
    if (!isOf('record', item.id) || content.shadow === undefined) return item;
    return { ...item, content: { ...content, shadow: change(content.shadow) } };
  };

const printsOf = (shadow: Record<string, unknown>) => shadow['prints'] as readonly { readonly until: number }[];

let keys = 0;

/** Guards of a sync, each taken out. */
export const PLANTED_IN_SYNCS: Readonly<Record<string, PlantedInSync>> = {
  'a record is written without comparing its revision': { store: { write: unguarded('record') } },
  'a scope is written without its fence': { store: { write: unguarded('scope') } },
  'what is known of a record is forgotten': {
    store: { read: withShadow((shadow) => ({ ...shadow, hash: 'unknown', version: undefined })) },
  },
  'no overlap is read, and no lag is waited for': { detect: { lagSeconds: 0, overlapSeconds: 0 } },
  'rows of a page are passed over': {
    source: (source) => ({
      ...source,
      async *pages(request) {
        for await (const page of source.pages(request)) yield { ...page, changes: page.changes.slice(0, 2) };
      },
    }),
  },
  'an end is taken for the last page': {
    source: (source) => ({
      ...source,
      async *pages(request) {
        for await (const page of source.pages(request)) {
          yield { ...page, last: true };
          return;
        }
      },
      async *enumerate(request) {
        for await (const page of source.enumerate?.(request) ?? []) {
          yield { ...page, last: true };
          return;
        }
      },
    }),
  },
  'missing records are deleted without asking': {
    source: (source) => ({
      ...source,
      async *enumerate() {
        yield { changes: [], last: true };
      },
      get: async () => undefined,
    }),
  },
  'what is written is not remembered': { store: { read: withShadow((shadow) => ({ ...shadow, prints: [] })) } },
  'an echo is waited for without end': {
    store: {
      read: withShadow((shadow) => ({
        ...shadow,
        prints: printsOf(shadow).map((print) => ({ ...print, until: Number.MAX_SAFE_INTEGER })),
      })),
    },
  },
  'a request is not stored before it is sent': {
    store: {
      read: (item) => (isOf('outgoing', item.id) ? undefined : item),
      write: unguarded('outgoing'),
    },
  },
  'each attempt has another idempotency key': {
    writer: (writer) => ({
      ...writer,
      update: (request) => writer.update({ ...request, idempotencyKey: `${++keys}` }),
    }),
  },
};
