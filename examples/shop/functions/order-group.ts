/** Everything that happens to one order is one group, whichever service tells it. */
export const orderGroup = (data: { readonly orderId: string }): string => `order#${data.orderId}`;

/** Letters, digits and a few marks: an order id becomes part of the group, which SQS restricts. */
export const ORDER_ID_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;
