import type { EventDataOf } from '../../../../lib/definitions/index.ts';
import type { OrderPlaced } from '../../functions/orders/events.ts';

/** What the place-order function is invoked with: the order, as its first event tells it. */
export type OrderCommand = EventDataOf<typeof OrderPlaced>;
