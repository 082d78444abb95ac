import type { EventTypeKey } from '../definitions/index.ts';

/** The groups on one page of the outbox log. */
export interface ScannedGroups {
  /** Groups with events of the requested types. A group MAY occur again on a later page. */
  readonly groups: readonly string[];
  /** Token of the next page; undefined on the last page. */
  readonly next: string | undefined;
  readonly readUnits: number;
}

/** Lists the groups of the outbox log. */
export interface GroupScanner {
  /**
   * MUST find, over all pages, each group with an event of these types that was committed before the first page was
   * requested and that the log still holds.
   */
  page(types: readonly EventTypeKey[], after: string | undefined): Promise<ScannedGroups>;
  /** When the log was created. No event in it is older. */
  createdAt(): Promise<number>;
}

/** The generations of a view to delete. */
export interface SweptGenerations {
  /** The last generation to delete. Later ones MUST be kept, even if a call is late. */
  readonly upTo: number;
  /** The generation to keep. */
  readonly keep: number;
}

/** Deletes items from a view's table, of all tenants. */
export interface ViewSweeper {
  /**
   * Deletes the items of these generations from one page. @returns the number of deleted items and the token of the
   * next page
   */
  sweep(
    generations: SweptGenerations,
    after: string | undefined,
  ): Promise<{ readonly deleted: number; readonly next: string | undefined }>;
}
