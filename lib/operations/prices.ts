/**
 * US dollars, us-east-1, November 2026, without the free tier. The marks say how sure a price is: D: AWS's own page; M, T: another
 * page, one or several. Check before publishing.
 */
interface Price {
  readonly usd: number;
  readonly per: number;
  readonly source: string;
}

const PRICES = {
  lambdaRequest: { usd: 0.2, per: 1e6, source: 'T, several' },
  /** arm64, the first 7.5 billion a month. */
  lambdaGigabyteSecond: { usd: 0.000_013_333_4, per: 1, source: 'T, several' },
  /** On demand. A unit is 1 KB; in a transaction it counts twice, which the engine's answers include. */
  dynamoDbWriteUnit: { usd: 0.625, per: 1e6, source: 'T, M; twice in a transaction: D' },
  /** On demand. A unit is 4 KB, read consistently. */
  dynamoDbReadUnit: { usd: 0.125, per: 1e6, source: 'T, M' },
  /** Each 64 KB of an event is one. A rule's delivery to a queue of the same account is free. */
  eventBridgeEvent: { usd: 1, per: 1e6, source: 'T, cloudburn 2026-03; 64 KB: D, pricing page' },
  eventBridgeArchiveByte: { usd: 0.1, per: 1e9, source: 'T, cloudburn 2026-03' },
  /** FIFO; each 64 KB of a request's payload is one. */
  sqsFifoRequest: { usd: 0.5, per: 1e6, source: 'T, factualminds 2026-06' },
  logByte: { usd: 0.5, per: 1e9, source: 'T, M' },
} as const satisfies Record<string, Price>;

export type Billed = keyof typeof PRICES;

export const CHUNK_BYTES = 65_536;

export const usdOf = (billed: Billed, quantity: number): number => (PRICES[billed].usd * quantity) / PRICES[billed].per;
