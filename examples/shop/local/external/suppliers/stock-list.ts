import { type ForeignReply, foreignError } from '../foreign-system.ts';
import { type Assortment, gtinOf } from './assortment.ts';
import { type FeedRequest, numberIn, PAGE_SIZE } from './feed-system.ts';
import { decodedName } from './supplier-a.ts';

interface StockLine {
  readonly sku: string;
  readonly pieces: number;
  readonly revision: number;
}

/** What a supplier has listed of a customer's stock, to plan its deliveries. */
export interface StockList {
  /** As somebody at the supplier does who counts wrong. */
  set(sku: string, pieces: number): void;
  pieces(sku: string): number | undefined;
  /** Writes that took effect, of the customer. */
  written(): number;
  /** `GET /stock`, `GET /stock/{gtin}` and `POST /stock/{gtin}`. */
  answer(request: FeedRequest): ForeignReply;
}

/** A line for each product that is sold. */
export function createStockList(assortment: Assortment): StockList {
  const lines = new Map<string, StockLine>();
  const answered = new Map<string, ForeignReply>();
  let revision = 0;
  let written = 0;

  const set = (sku: string, pieces: number): StockLine => {
    const line = { sku, pieces, revision: ++revision };
    lines.set(sku, line);
    return line;
  };
  const list = (): readonly StockLine[] => assortment.sold().map(({ sku }) => lines.get(sku) ?? set(sku, 0));
  const shown = ({ sku, ...line }: StockLine) => ({ gtin: gtinOf(sku), articleCode: sku, ...line });

  const write = (line: StockLine, body: FeedRequest['body']): ForeignReply => {
    const { pieces, ifRevision } = body ?? {};
    if (!Number.isSafeInteger(pieces)) return foreignError(400, 'PIECES_INVALID', 'pieces must be a whole number');
    if (ifRevision !== line.revision) return foreignError(412, 'CHANGED', 'the line has another revision');
    written++;
    return { status: 200, body: { revision: set(line.sku, Number(pieces)).revision } };
  };

  return {
    set: (sku, pieces) => void set(sku, pieces),
    pieces: (sku) => list().find((line) => line.sku === sku)?.pieces,
    written: () => written,
    answer({ method, path, query, header, body }) {
      if (path === '/stock' && method === 'GET') {
        const from = numberIn(query.get('after')?.replace(/^after-/, '') ?? null) ?? 0;
        const due = list()
          .filter((line) => line.revision > from)
          .toSorted((one, other) => one.revision - other.revision);
        const page = due.slice(0, PAGE_SIZE);
        const cursor = `after-${page.at(-1)?.revision ?? from}`;
        return { status: 200, body: { lines: page.map(shown), cursor, complete: due.length <= PAGE_SIZE } };
      }
      const gtin = decodedName(path, '/stock/');
      const line = list().find(({ sku }) => gtinOf(sku) === gtin);
      if (line === undefined) return foreignError(404, 'NOT_FOUND', `there is no ${path}`);
      if (method === 'GET') return { status: 200, body: shown(line) };
      const key = header('idempotency-key') ?? '';
      const before = answered.get(key);
      if (key !== '' && before !== undefined) return before;
      const reply = write(line, body);
      if (key !== '' && reply.status === 200) answered.set(key, reply);
      return reply;
    },
  };
}
