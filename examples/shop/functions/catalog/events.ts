import { defineEvent } from 'waybill';
import { moneySchema } from '../money.ts';
import * as z from '../zod.ts';

/** Printable ASCII with single spaces between words: a SKU becomes part of the product's group. */
const SKU_PATTERN = /^(?=.{1,36}$)[!-~]+( [!-~]+)*$/;

/** A group has no spaces; `%` is escaped too, so that no two SKUs share a group. */
const escaped = (sku: string): string => sku.replaceAll(/[ %]/g, encodeURIComponent);

const skuSchema = z
  .string()
  .check(z.regex(SKU_PATTERN, 'must be 1 to 36 printable ASCII characters, with single spaces within only'));

/** A product is new, or has another name or price. */
export const ProductChanged = defineEvent({
  type: 'com.example.product.changed',
  source: '/catalog',
  version: 1,
  schema: z.object({
    sku: skuSchema,
    name: z.string().check(z.minLength(1), z.maxLength(200)),
    /** Null of goods that are sold at a price of their own each time. */
    price: z.nullable(moneySchema),
  }),
  group: ({ sku }) => `product#${escaped(sku)}`,
  subject: ({ sku }) => escaped(sku),
});

/** A product is not sold any more. */
export const ProductWithdrawn = defineEvent({
  type: 'com.example.product.withdrawn',
  source: '/catalog',
  version: 1,
  schema: z.object({ sku: skuSchema }),
  group: ({ sku }) => `product#${escaped(sku)}`,
  subject: ({ sku }) => escaped(sku),
});
