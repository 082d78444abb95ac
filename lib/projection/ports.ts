import type { EventTypeKey } from '../contracts/index.ts';

/** One page of the outbox log, by its keys. */
export interface ScannedGroups {
  /** Groups that have events of the types asked for; a group MAY come again on a later page. */
  readonly groups: readonly string[];
  /** Where the next page begins; undefined at the last one. */
  readonly next: string | undefined;
  readonly readUnits: number;
}

/** The groups of the outbox log. */
export interface GroupScanner {
  /**
   * MUST find, over all pages, each group with an event of these types that was committed before the first page was
   * asked for, and that the log still holds.
   */
  page(types: readonly EventTypeKey[], after: string | undefined): Promise<ScannedGroups>;
  /** When the log was created: nothing in it is older. */
  createdAt(): Promise<number>;
}

/** Which generations of a view go. */
export interface SweptGenerations {
  /** The last of them: what is built later is beyond, however late somebody sweeps. */
  readonly upTo: number;
  /** The one that stays. */
  readonly keep: number;
}

/** The items of a view's table, of all tenants and generations. */
export interface ViewSweeper {
  /** Deletes the items of one page that are of these generations. @returns how many went, and where the next page begins */
  sweep(
    generations: SweptGenerations,
    after: string | undefined,
  ): Promise<{ readonly deleted: number; readonly next: string | undefined }>;
}
