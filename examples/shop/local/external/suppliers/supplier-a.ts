import { type ForeignReply, foreignError } from '../foreign-system.ts';
import type { Assortment, Line } from './assortment.ts';
import { type FeedRequest, type FeedSystem, PAGE_SIZE } from './feed-system.ts';
import { disturbPage, type PageFault } from './page-faults.ts';

/**
 * A supplier with an old system: rows in capitals, times to the second in its own zone, many of them equal. What it no
 * longer sells is simply missing.
 */
export function createSupplierA(assortmentOf: (account: string | undefined) => Assortment | undefined): FeedSystem {
  /** What each account was sent last, for a page that comes again. */
  const sent = new Map<string | undefined, ForeignReply>();

  const changed = (assortment: Assortment, { query }: FeedRequest, fault: PageFault | undefined): ForeignReply => {
    const after: Place = { at: secondsOf(query.get('after')) ?? 0, sku: query.get('id') ?? '' };
    const until = secondsOf(query.get('until')) ?? Number.POSITIVE_INFINITY;
    // a row that was read before moves to the end: the rows after it would move up, if they were counted
    if (fault?.kind === 'move') restamp(assortment, after);
    const due = assortment
      .sold()
      .filter((line) => secondOf(line) <= until && isAfter(line, after))
      .toSorted((one, other) => secondOf(one) - secondOf(other) || (one.sku < other.sku ? -1 : 1));
    const { rows, isLast } = disturbPage(
      { rows: due.slice(0, PAGE_SIZE), isLast: due.length <= PAGE_SIZE },
      fault?.kind === 'move' ? undefined : fault?.kind,
    );
    const MORE = isLast === undefined ? undefined : !isLast;
    return { status: 200, body: { ROWS: rows.map((line) => rowOf(line, fault)), MORE } };
  };

  const all = (assortment: Assortment, { query }: FeedRequest, fault: PageFault | undefined): ForeignReply => {
    const from = query.get('page') ?? '';
    const left = assortment
      .sold()
      .filter(({ sku }) => sku > from)
      .toSorted((one, other) => (one.sku < other.sku ? -1 : 1));
    const page = left.slice(0, PAGE_SIZE);
    const { rows, isLast } = disturbPage({ rows: page, isLast: left.length <= PAGE_SIZE }, fault?.kind);
    const NEXT = isLast === undefined ? undefined : isLast ? null : page.at(-1)?.sku;
    return { status: 200, body: { ROWS: rows.map((line) => rowOf(line, fault)), NEXT } };
  };

  return {
    isPage: ({ path }) => path === '/articles' || path === '/articles/all',
    answer(request, fault) {
      const { method, path, header } = request;
      const account = header('x-account');
      const assortment = assortmentOf(account);
      if (method !== 'GET') return foreignError(405, 'METHOD_NOT_ALLOWED', 'the feed can only be read');
      if (assortment === undefined) return foreignError(403, 'ACCOUNT_UNKNOWN', `there is no account '${account}'`);
      if (path === '/time') return { status: 200, body: { TIME: literalOf(assortment.clock.now()) } };
      if (path === '/articles' || path === '/articles/all') {
        const before = sent.get(account);
        if (fault?.kind === 'repeat' && before !== undefined) return before;
        const reply = (path === '/articles' ? changed : all)(assortment, request, fault);
        sent.set(account, reply);
        return reply;
      }
      const line = assortment.line(decodedName(path, '/articles/') ?? '');
      if (line === undefined || line.isRemoved) return foreignError(404, 'NOT_FOUND', `there is no ${path}`);
      return { status: 200, body: rowOf(line, fault) };
    },
  };
}

interface Place {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly sku: string;
}

const secondOf = ({ modifiedAt }: Line): number => Math.floor(modifiedAt / 1000);

const isAfter = (line: Line, { at, sku }: Place): boolean =>
  secondOf(line) > at || (secondOf(line) === at && line.sku > sku);

function restamp(assortment: Assortment, after: Place): void {
  const read = assortment.sold().find((line) => !isAfter(line, after));
  if (read !== undefined) assortment.put(read, { isDrifted: read.isDrifted });
}

/** `name` of `/articles/name`. */
export function decodedName(path: string, prefix: string): string | undefined {
  if (!path.startsWith(prefix)) return undefined;
  try {
    return decodeURIComponent(path.slice(prefix.length));
  } catch {
    return undefined;
  }
}

const rowOf = ({ sku, name, price, modifiedAt, isDrifted }: Line, fault: PageFault | undefined) => {
  const net = price === null ? null : price.minorUnits / 100;
  return {
    SKU: sku,
    TITLE: name.toUpperCase(),
    NET: isDrifted || fault?.kind === 'drift' ? String(net).replace('.', ',') : net,
    CUR: price?.currency ?? 'GBP',
    MODIFIED: literalOf(modifiedAt),
    EXPORTED_BY: 'STOCKLIST/2',
  };
};

const ZONE_MS = 60 * 60 * 1000;

/** `2011-12-09T12:50:00+01:00` */
const literalOf = (at: number): string => new Date(at + ZONE_MS).toISOString().replace(/\.\d+Z$/, '+01:00');

const secondsOf = (literal: string | null): number | undefined => {
  const at = Date.parse(literal ?? '');
  return Number.isNaN(at) ? undefined : Math.floor(at / 1000);
};
