import type { TenantWrites } from 'waybill/tenancy';
import type { OrderLine } from '../orders/events.ts';
import * as z from '../zod.ts';

/** The pieces of one SKU that no order has. */
export const stockItemSchema = z.object({ sku: z.string(), available: z.int().check(z.nonnegative()) });

export type StockItem = z.infer<typeof stockItemSchema>;

/** Pieces by SKU: lines may name a SKU more than once, and a transaction writes an item once. */
export function piecesOf(lines: readonly OrderLine[]): ReadonlyMap<string, number> {
  const pieces = new Map<string, number>();
  for (const { sku, quantity } of lines) pieces.set(sku, (pieces.get(sku) ?? 0) + quantity);
  return pieces;
}

/** On condition that they are there: stock is never negative. */
export const takePieces = (stock: TenantWrites, sku: string, quantity: number): void =>
  stock.update({
    Key: { sku },
    UpdateExpression: 'SET available = available - :quantity',
    ConditionExpression: 'available >= :quantity',
    ExpressionAttributeValues: { ':quantity': quantity },
  });

export const addPieces = (stock: TenantWrites, sku: string, quantity: number): void =>
  stock.update({
    Key: { sku },
    UpdateExpression: 'SET available = if_not_exists(available, :none) + :quantity',
    ExpressionAttributeValues: { ':none': 0, ':quantity': quantity },
  });
