import type { EntityOf, SyncSink } from 'waybill/sync';
import { toParcelMoved } from '../carrier-tracking/carrier-move.ts';
import { ParcelMoved } from '../carrier-tracking/events.ts';
import type { trackingSync } from './sync.ts';

/** Tells the shop of each entry. Entries are kept nowhere else: shipping notes them with its shipments. */
export const trackingSink: SyncSink<EntityOf<typeof trackingSync>> = {
  find: async () => undefined,
  collect(tx, { kind, entity }) {
    // the carrier's list forgets nothing, and what was told cannot be taken back
    if (kind === 'deleted') return;
    const { id, ...move } = entity;
    tx.publish(ParcelMoved, toParcelMoved(move, id));
  },
};
