import * as z from '../zod.ts';

/** Pieces of one SKU that came in, as the command tells and as the table holds them. */
export const goodsReceiptSchema = z.object({
  receiptId: z.string().check(z.minLength(1)),
  sku: z.string().check(z.minLength(1)),
  quantity: z.int().check(z.positive()),
});

export type GoodsReceipt = z.infer<typeof goodsReceiptSchema>;
