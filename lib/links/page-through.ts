import { hasCode } from '../contracts/index.ts';
import type { Page, TenantQuery } from '../tenancy/index.ts';
import { LinkCursorError } from './errors.ts';

export interface PageRequest {
  /** Links per page, from 1 to 1000. @default 100 */
  readonly limit?: number;
  /** `next` of the page before: opaque, and good for the same query and tenant only. @default - the first page */
  readonly after?: string;
}

type Stage = Pick<TenantQuery, 'indexName' | 'partition' | 'sortBeginsWith'>;

const DEFAULT_LIMIT = 100;

/**
 * One page of several partitions, one after another as if they were one.
 * @param name tells this query from others, so that no cursor is taken for another query's
 * @throws LinkCursorError `LINK_CURSOR_INVALID`
 */
export async function pageThrough<Item>(
  name: string,
  stages: readonly Stage[],
  { limit = DEFAULT_LIMIT, after: cursor }: PageRequest,
  query: (query: TenantQuery) => Promise<Page<Item>>,
): Promise<Page<Item>> {
  const start = cursor === undefined ? { stage: 0, after: undefined } : readCursor(cursor, name, stages.length);
  const items: Item[] = [];
  let { after } = start;
  for (const [index, stage] of stages.entries()) {
    if (index < start.stage) continue;
    const page = await orRefuse(cursor, () =>
      query({ ...stage, limit: limit - items.length, ...(after === undefined ? {} : { after }) }),
    );
    items.push(...page.items);
    if (page.next !== undefined) return { items, next: writeCursor(name, index, page.next) };
    after = undefined;
    const isLast = index === stages.length - 1;
    if (items.length >= limit) return { items, next: isLast ? undefined : writeCursor(name, index + 1) };
  }
  return { items, next: undefined };
}

/** Another tenant's cursor, or a forged one, is known by the table's token in it. */
async function orRefuse<Value>(cursor: string | undefined, query: () => Promise<Value>): Promise<Value> {
  try {
    return await query();
  } catch (error) {
    if (cursor === undefined || !hasCode(error, 'TENANT_PAGE_INVALID')) throw error;
    throw new LinkCursorError(cursor, { cause: error });
  }
}

const writeCursor = (name: string, stage: number, after?: string): string =>
  Buffer.from(JSON.stringify(after === undefined ? [name, stage] : [name, stage, after])).toString('base64url');

function readCursor(cursor: string, name: string, stages: number): { stage: number; after: string | undefined } {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw new LinkCursorError(cursor);
  }
  const [named, stage, after] = Array.isArray(parts) ? (parts as readonly unknown[]) : [];
  const isAfter = after === undefined || typeof after === 'string';
  if (named !== name || typeof stage !== 'number' || !(stage in Array(stages).fill(0)) || !isAfter) {
    throw new LinkCursorError(cursor);
  }
  return { stage, after };
}
