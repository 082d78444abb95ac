import type { HandlerContext } from 'waybill/consumer';
import { ifUnchanged, type UnitOfWork } from 'waybill/outbox';
import type { TenantTable } from 'waybill/tenancy';
import type { OrderLine } from '../orders/events.ts';
import { InventoryInsufficient, InventoryReleased, InventoryReserved } from './events.ts';
import type { Reservation } from './reservation.ts';
import { addPieces, piecesOf, type StockItem, takePieces } from './stock.ts';

export interface InventoryDeps {
  readonly reservations: TenantTable<Reservation>;
  readonly stock: TenantTable<StockItem>;
}

type Context = Pick<HandlerContext, 'tx' | 'log'>;

/** What both ways of fulfilling orders do with stock. */
export interface Warehouse {
  /** Reserves all that the order wants or nothing, and tells which. @param before the reservation as it was read */
  reserve(
    orderId: string,
    lines: readonly OrderLine[],
    before: Reservation | undefined,
    context: Context,
  ): Promise<void>;
  /** Puts back what is reserved, and tells. */
  release(reservation: Reservation, context: Context): void;
  /** Bars a reservation that does not hold stock from ever doing so; tells nobody. */
  close(orderId: string, before: Reservation | undefined, context: Context): void;
}

export function createWarehouse({ reservations, stock }: InventoryDeps): Warehouse {
  /** On condition that the reservation still stands as it was read. */
  const put = (tx: UnitOfWork, reservation: Reservation, before: Reservation | undefined) =>
    reservations.within(tx).put({
      Item: reservation,
      ...ifUnchanged('status', before?.status),
    });

  const availableOf = async (sku: string): Promise<number> => (await stock.get({ sku }))?.available ?? 0;

  return {
    async reserve(orderId, lines, before, { tx, log }) {
      const wanted = [...piecesOf(lines)];
      const pieces = await Promise.all(
        wanted.map(async ([sku, quantity]) => ({ sku, wanted: quantity, available: await availableOf(sku) })),
      );
      const missing = pieces.filter((each) => each.available < each.wanted);
      if (missing.length > 0) {
        put(tx, { orderId, lines: [...lines], status: 'insufficient' }, before);
        tx.publish(InventoryInsufficient, { orderId, missing });
        log.info('inventory insufficient', { order_id: orderId, missing });
        return;
      }
      // where another order takes them first, the condition fails, and the handler runs again with what is left
      for (const [sku, quantity] of wanted) takePieces(stock.within(tx), sku, quantity);
      put(tx, { orderId, lines: [...lines], status: 'reserved' }, before);
      tx.publish(InventoryReserved, { orderId, lines: [...lines] });
      log.info('inventory reserved', { order_id: orderId });
    },

    release(reservation, { tx, log }) {
      const { orderId, lines } = reservation;
      for (const [sku, quantity] of piecesOf(lines)) addPieces(stock.within(tx), sku, quantity);
      put(tx, { ...reservation, status: 'released' }, reservation);
      tx.publish(InventoryReleased, { orderId, lines });
      log.info('inventory released', { order_id: orderId });
    },

    close(orderId, before, { tx, log }) {
      put(tx, { orderId, lines: before?.lines ?? [], status: 'closed' }, before);
      log.info('reservation closed', { order_id: orderId });
    },
  };
}
