export interface CatalogueEntry {
  readonly sku: string;
  readonly name: string;
  readonly priceMinorUnits: number;
}

/** What ordinary orders are made of. */
export const CATALOGUE: readonly CatalogueEntry[] = [
  { sku: 'TEA-ASSAM-250G', name: 'Assam tea, 250 g', priceMinorUnits: 695 },
  { sku: 'TEA-DARJEELING-100G', name: 'Darjeeling tea, 100 g', priceMinorUnits: 1_250 },
  { sku: 'TEAPOT-CAST-IRON', name: 'Cast-iron teapot', priceMinorUnits: 4_900 },
  { sku: 'CUP-PORCELAIN', name: 'Porcelain cup', priceMinorUnits: 825 },
  { sku: 'KETTLE-COPPER', name: 'Copper kettle', priceMinorUnits: 7_450 },
  { sku: 'STRAINER-STEEL', name: 'Steel strainer', priceMinorUnits: 380 },
  { sku: 'BISCUIT-SHORTBREAD', name: 'Shortbread biscuits', priceMinorUnits: 450 },
  { sku: 'TOWEL-LINEN', name: 'Linen towel', priceMinorUnits: 1_195 },
];

/** There is stock for half of those who want it. */
export const SCARCE_PRODUCT: CatalogueEntry = {
  sku: 'TEA-YELLOW-50G',
  name: 'Yellow tea, 50 g',
  priceMinorUnits: 2_900,
};

/** So many of it cost more than the payment gateway lets anybody pay at a time. */
export const LARGE_ORDER = { sku: 'KETTLE-COPPER', quantity: 20 } as const;
