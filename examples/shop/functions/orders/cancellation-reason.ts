/** Why an order was cancelled; where several things went wrong, the first that the orders service heard of. */
export const CANCELLATION_REASONS = ['payment', 'stock', 'customer', 'carrier', 'timeout'] as const;

export type CancellationReason = (typeof CANCELLATION_REASONS)[number];
