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
  page(types: readonly string[], after: string | undefined): Promise<ScannedGroups>;
  /** When the log was created: nothing in it is older. */
  createdAt(): Promise<number>;
}

/** The items of a view's table, of all tenants and generations. */
export interface ViewSweeper {
  /** Deletes, of one page, what belongs to none of `keep`. @returns how many went, and where the next page begins */
  sweep(
    keep: readonly number[],
    after: string | undefined,
  ): Promise<{ readonly deleted: number; readonly next: string | undefined }>;
}
