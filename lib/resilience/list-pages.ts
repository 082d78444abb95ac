import { isDeepStrictEqual } from 'node:util';
import { ExternalPagesRepeatedError, ExternalPagesUnboundedError } from './errors.ts';
import type { Query } from './query.ts';

/** A page of a list. */
export interface JsonPage<Item> {
  /** Each with something that tells it from the others, such as its id: two pages of equal items are taken for one. */
  readonly items: readonly Item[];
  /**
   * Where the next page is: parameters that are added to those of the first page or replace them, or a link, absolute or
   * relative to the page's URL. Undefined at the last page.
   */
  readonly next: Query | string | undefined;
}

/** Enough for a hundred thousand items at a hundred a page. */
export const DEFAULT_MAX_PAGES = 1_000;

export interface PagesOptions<Item> {
  readonly system: string;
  readonly path: string;
  readonly maxPages: number;
  /** Asks for a page; the first for undefined. */
  readonly ask: (next: JsonPage<Item>['next']) => Promise<JsonPage<Item>>;
}

/**
 * Reads a list page by page.
 * @throws ExternalPagesRepeatedError `EXTERNAL_PAGES_REPEATED`: a place was named before, or a page equals the one before it
 * @throws ExternalPagesUnboundedError `EXTERNAL_PAGES_UNBOUNDED`
 */
export async function* listPages<Item>(options: PagesOptions<Item>): AsyncGenerator<readonly Item[], void, undefined> {
  const { system, path, maxPages, ask } = options;
  const places = new Set<string>();
  let before: readonly Item[] = [];
  let next: JsonPage<Item>['next'];
  for (let page = 1; ; page++) {
    const { items, next: following } = await ask(next);
    if (items.length > 0 && isDeepStrictEqual(items, before)) {
      throw new ExternalPagesRepeatedError(system, path, page - 1);
    }
    yield items;
    if (following === undefined) return;
    const place = JSON.stringify(following);
    if (places.has(place)) throw new ExternalPagesRepeatedError(system, path, page);
    if (page >= maxPages) throw new ExternalPagesUnboundedError(system, path, maxPages);
    places.add(place);
    before = items;
    next = following;
  }
}
