/** Trouble that a supplier makes of one page of its feed. */
export type PageFault =
  /** Half of the rows arrive, and nothing says whether more follow. */
  | { readonly kind: 'truncate' }
  /** Half of the rows arrive, as if they were the last ones. */
  | { readonly kind: 'end-early' }
  /** Rows have moved to a page that was read before: they are on none. */
  | { readonly kind: 'move' }
  /** The page before comes again, as if it were the next one. */
  | { readonly kind: 'repeat' }
  /** Each price has another type than agreed. */
  | { readonly kind: 'drift' };

export type PageFaultKind = PageFault['kind'];

export const PAGE_FAULT_KINDS: readonly PageFaultKind[] = ['truncate', 'end-early', 'move', 'repeat', 'drift'];

export const isPageFault = (fault: { readonly kind: string } | undefined): fault is PageFault =>
  PAGE_FAULT_KINDS.some((kind) => kind === fault?.kind);

/** Rows of a page, and whether it is the last one. */
interface Page<Row> {
  readonly rows: readonly Row[];
  /** Undefined if the page does not say. */
  readonly isLast: boolean | undefined;
}

/** A page as it is sent. */
export function disturbPage<Row>(page: Page<Row>, kind: PageFaultKind | undefined): Page<Row> {
  const half = page.rows.slice(0, Math.ceil(page.rows.length / 2));
  switch (kind) {
    case 'truncate':
      return { rows: half, isLast: undefined };
    case 'end-early':
      return { rows: half, isLast: true };
    case 'move':
      return { ...page, rows: page.rows.filter((_, index) => index % 3 !== 1) };
    default:
      return page;
  }
}
