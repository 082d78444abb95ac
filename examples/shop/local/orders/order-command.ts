/** What the place-order function is invoked with. */
export type { PlacedOrder as OrderCommand } from '../../functions/place-order/placement.ts';
