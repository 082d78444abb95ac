import type { EngineClock } from '../../../../../local/clock.ts';
import { type Assortment, createAssortment, createSupplierClock } from './assortment.ts';
import type { FeedSystem } from './feed-system.ts';
import { createProductEditor, type ProductEditor } from './product-editor.ts';
import { createStockList, type StockList } from './stock-list.ts';
import { createSupplierA } from './supplier-a.ts';
import { createSupplierB } from './supplier-b.ts';
import type { TellingFault } from './supplier-faults.ts';
import { createSupplierSender, type SupplierSender } from './supplier-sender.ts';
import { createSupplierTokens, type SupplierTokens } from './supplier-tokens.ts';

/** What one account is sold by each supplier. */
export interface AccountFeeds {
  readonly account: string | undefined;
  readonly 'supplier-a': Assortment;
  readonly 'supplier-b': Assortment;
  /** What supplier B lists of the account's own stock. */
  readonly stock: StockList;
  readonly editor: ProductEditor;
}

/** Two suppliers, who know some of the same products. */
export interface Suppliers {
  readonly systems: Readonly<Record<'supplier-a' | 'supplier-b', FeedSystem>>;
  readonly tokens: SupplierTokens;
  readonly sender: SupplierSender;
  /** Opens an account at both, without products. */
  open(account: string | undefined): AccountFeeds;
  /** Those that are open. */
  accounts(): readonly AccountFeeds[];
}

export interface SuppliersDeps {
  readonly clock: Pick<EngineClock, 'now'>;
  readonly seed: number;
  readonly newRef: (prefix: string) => string;
  readonly tellingFault: () => TellingFault | undefined;
}

export function createSuppliers({ clock, seed, newRef, tellingFault }: SuppliersDeps): Suppliers {
  const open = new Map<string | undefined, AccountFeeds>();
  const tokens = createSupplierTokens(clock, newRef);
  const sender = createSupplierSender({ clock, newRef, faultOf: tellingFault });

  return {
    tokens,
    sender,
    systems: {
      'supplier-a': createSupplierA((account) => open.get(account)?.['supplier-a']),
      'supplier-b': createSupplierB(
        (account) => open.get(account)?.['supplier-b'],
        (account) => open.get(account)?.stock,
        tokens,
      ),
    },
    open(account) {
      const a = createAssortment(createSupplierClock());
      const b = createAssortment(createSupplierClock(), (line) => sender.changed(account, line));
      const stock = createStockList(b);
      const editor = createProductEditor(seed + open.size, { a, b, stock });
      const feeds = { account, 'supplier-a': a, 'supplier-b': b, stock, editor };
      open.set(account, feeds);
      return feeds;
    },
    accounts: () => [...open.values()],
  };
}
