import { type ForeignReply, foreignError } from '../foreign-system.ts';
import { type Assortment, gtinOf, type Line } from './assortment.ts';
import { type FeedRequest, type FeedSystem, numberIn, PAGE_SIZE } from './feed-system.ts';
import { disturbPage, type PageFault } from './page-faults.ts';
import type { StockList } from './stock-list.ts';
import { decodedName } from './supplier-a.ts';
import type { SupplierTokens } from './supplier-tokens.ts';

/**
 * A supplier with a modern API: a feed of changes with opaque cursors, revisions, and marks of what it no longer sells.
 * Its access tokens are short-lived, and each says whose account it is.
 */
export function createSupplierB(
  assortmentOf: (account: string | undefined) => Assortment | undefined,
  stockOf: (account: string | undefined) => StockList | undefined,
  tokens: SupplierTokens,
): FeedSystem {
  const sent = new Map<string | undefined, ForeignReply>();

  const changes = (assortment: Assortment, { query }: FeedRequest, fault: PageFault | undefined): ForeignReply => {
    const from = numberIn(query.get('after')?.replace(/^after-/, '') ?? null) ?? 0;
    const due = assortment
      .lines()
      .filter(({ revision }) => revision > from)
      .toSorted((one, other) => one.revision - other.revision);
    const page = due.slice(0, PAGE_SIZE);
    const { rows, isLast } = disturbPage(
      { rows: page, isLast: due.length <= PAGE_SIZE },
      // a change that is made while the feed is read is at its end
      fault?.kind === 'move' ? undefined : fault?.kind,
    );
    const last = rows.at(-1)?.revision ?? from;
    return {
      status: 200,
      body: { changes: rows.map((line) => itemOf(line, fault)), cursor: `after-${last}`, complete: isLast },
    };
  };

  return {
    isPage: ({ path }) => path === '/changes',
    answer(request, fault) {
      const { method, path, header, body } = request;
      if (method === 'POST' && path === '/oauth/token') return tokens.issue(body, header('idempotency-key'));
      const access = tokens.accountOf(header('authorization')?.replace(/^Bearer /, '') ?? '');
      if (access === undefined) return foreignError(401, 'TOKEN_EXPIRED', 'the access token is not valid any more');
      const assortment = assortmentOf(access.account);
      if (assortment === undefined) return foreignError(403, 'ACCOUNT_UNKNOWN', 'the account is closed');
      const stock = stockOf(access.account);
      if (stock !== undefined && /^\/stock(\/|$)/.test(path)) return stock.answer(request);
      if (method !== 'GET') return foreignError(405, 'METHOD_NOT_ALLOWED', 'the feed can only be read');
      if (path === '/changes') {
        const before = sent.get(access.account);
        if (fault?.kind === 'repeat' && before !== undefined) return before;
        const reply = changes(assortment, request, fault);
        sent.set(access.account, reply);
        return reply;
      }
      const gtin = decodedName(path, '/products/');
      const line = assortment.lines().find(({ sku }) => gtinOf(sku) === gtin);
      if (line === undefined || line.isRemoved) return foreignError(404, 'NOT_FOUND', `there is no ${path}`);
      return { status: 200, body: itemOf(line, fault) };
    },
  };
}

/** As it is in the feed, and in a message of the change. */
export function itemOf({ sku, name, price, revision, isRemoved, isDrifted }: Line, fault?: PageFault) {
  const gtin = gtinOf(sku);
  if (isRemoved) return { gtin, revision, removed: true };
  const amount = price === null ? null : (price.minorUnits / 100).toFixed(2);
  const sentAmount = amount !== null && (isDrifted || fault?.kind === 'drift') ? Number(amount) : amount;
  return {
    gtin,
    revision,
    removed: false,
    articleCode: sku,
    title: name,
    price: price === null ? null : { amount: sentAmount, currency: price.currency },
  };
}
