import * as z from 'zod';

/** Pieces of one SKU that came in, as the command tells and as the table holds them. */
export const goodsReceiptSchema = z.object({
  receiptId: z.string().min(1),
  sku: z.string().min(1),
  quantity: z.int().positive(),
});

export type GoodsReceipt = z.infer<typeof goodsReceiptSchema>;
