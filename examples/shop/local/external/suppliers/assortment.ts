import { createHash } from 'node:crypto';
import type { Money } from '../../../functions/money.ts';

/** What a supplier says of a product. */
export interface Article {
  readonly sku: string;
  readonly name: string;
  /** Null of goods that are sold at a price of their own each time. */
  readonly price: Money | null;
}

/** A product in a supplier's books. */
export interface Line extends Article {
  /** Grows with each change of any line. */
  readonly revision: number;
  /** By the supplier's own clock. */
  readonly modifiedAt: number;
  readonly isRemoved: boolean;
  /** Whether the supplier sends its price in another type than it has agreed to. */
  readonly isDrifted: boolean;
}

/** A supplier's own clock. It stands still until something happens there, and is years behind ours. */
export interface SupplierClock {
  now(): number;
  advance(seconds: number): void;
}

const STARTS_AT = Date.parse('2011-12-09T11:50:00Z');

export function createSupplierClock(): SupplierClock {
  let now = STARTS_AT;
  return {
    now: () => now,
    advance(seconds) {
      now += seconds * 1000;
    },
  };
}

interface PutOptions {
  /** The line appears under a time that is so long ago, but not before its last change. @default 0 */
  readonly lateBySeconds?: number;
  /** @default false */
  readonly isDrifted?: boolean;
}

/** What one supplier sells to one account. */
export interface Assortment {
  readonly clock: SupplierClock;
  put(article: Article, options?: PutOptions): void;
  remove(sku: string): void;
  line(sku: string): Line | undefined;
  /** Removed ones included, in no order. */
  lines(): readonly Line[];
  /** What it sells. */
  sold(): readonly Line[];
}

/** @param onChange called with each line that has changed */
export function createAssortment(clock: SupplierClock, onChange: (line: Line) => void = () => undefined): Assortment {
  const lines = new Map<string, Line>();
  let revision = 0;
  const write = (line: Omit<Line, 'revision'>) => {
    const written = { ...line, revision: ++revision };
    lines.set(line.sku, written);
    onChange(written);
  };
  return {
    clock,
    put({ sku, name, price }, { lateBySeconds = 0, isDrifted = false } = {}) {
      const modifiedAt = Math.max(lines.get(sku)?.modifiedAt ?? 0, clock.now() - lateBySeconds * 1000);
      write({ sku, name, price, modifiedAt, isRemoved: false, isDrifted });
    },
    remove(sku) {
      const before = lines.get(sku);
      if (before !== undefined) write({ ...before, modifiedAt: clock.now(), isRemoved: true, isDrifted: false });
    },
    line: (sku) => lines.get(sku),
    lines: () => [...lines.values()],
    sold: () => [...lines.values()].filter(({ isRemoved }) => !isRemoved),
  };
}

/** The number under which supplier B knows a product: a GTIN-13. */
export function gtinOf(sku: string): string {
  const number = createHash('sha256').update(sku).digest().readUIntBE(0, 6) % 10 ** 12;
  const digits = String(number).padStart(12, '0');
  const sum = [...digits].reduce((total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3), 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
