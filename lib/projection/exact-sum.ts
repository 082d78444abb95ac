/** The sum of whole numbers, exact however large it is: beyond ±2^53 as a BigInt, as an item's numbers are read. */
export function exactSum(a: number | bigint, b: number | bigint): number | bigint {
  const sum = BigInt(a) + BigInt(b);
  const number = Number(sum);
  return Number.isSafeInteger(number) ? number : sum;
}
