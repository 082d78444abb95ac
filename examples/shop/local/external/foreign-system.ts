/** Which of the shop's external systems. */
export type SystemName = ServiceName | FeedName;

/** Systems that are read from. */
export type FeedName = 'supplier-a' | 'supplier-b' | 'carrier';

/** Systems that are asked to do something. */
export type ServiceName = 'payment-gateway' | 'fraud-check' | 'carrier' | 'courier' | 'mailer';

export interface ForeignRequest {
  /** Below the system's own address: `/v2/charges`. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly idempotencyKey: string;
}

export interface ForeignQuestion {
  readonly path: string;
  readonly query: URLSearchParams;
}

export interface ForeignReply {
  readonly status: number;
  readonly body: unknown;
}

/** One external system, without transport and trouble. */
export interface ForeignSystem {
  /**
   * Does what is asked, and writes it into the ledger.
   * @param refusal the code to refuse with, where the system was told to refuse
   */
  perform(request: ForeignRequest, refusal: string | undefined): ForeignReply;
  /** Answers a GET, which changes nothing and is in no book. @default - it takes none */
  look?(question: ForeignQuestion): ForeignReply;
}

/** An error as all of them word it. */
export const foreignError = (status: number, code: string, text: string): ForeignReply => ({
  status,
  body: { error: { code, text } },
});

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
