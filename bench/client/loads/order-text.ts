import { createRandom } from '../../../local/seeded-random.ts';

const COLOURS = ['WHITE', 'CREAM', 'PINK', 'RED RETROSPOT', 'BLUE', 'IVORY', 'BLACK', 'GREEN'] as const;
const GOODS = [
  'HANGING HEART T-LIGHT HOLDER',
  'METAL LANTERN',
  'CUPID HEARTS COAT HANGER',
  'KNITTED HOT WATER BOTTLE',
  'WOOLLY HOTTIE',
  'UNION JACK HAND WARMER',
  'BABUSHKA NESTING BOXES',
  'CHRISTMAS LIGHTS 10 REINDEER',
  'VINTAGE DOILY PLAYING CARDS',
  'POPPYS PLAYHOUSE BEDROOM',
  'JAM MAKING SET WITH JARS',
  'CAKESTAND 3 TIER',
] as const;

/**
 * Text like the lines of an order: numbers, prices and words of a catalog. It compresses as such data do; text of one
 * repeated letter would compress to nothing.
 * @param bytes its length
 */
export function orderText(bytes: number, seed: number): string {
  const random = createRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <Value>(values: readonly Value[]) => values[below(values.length)];
  let text = '';
  while (text.length < bytes) {
    const sku = `${20_000 + below(65_000)}${pick(['', '', 'A', 'B', 'L'])}`;
    text += `${sku} ${pick(COLOURS)} ${pick(GOODS)}, ${1 + below(48)} x ${(below(2_000) / 100).toFixed(2)} GBP; `;
  }
  return text.slice(0, bytes);
}
