/** What is the same in every entry. */
interface Entry {
  readonly idempotencyKey: string;
  /** RFC 3339, by the run's clock. */
  readonly at: string;
}

/** A charge that moved money, or was declined. */
export interface LedgerCharge extends Entry {
  /** The shop's order id. */
  readonly reference: string;
  readonly currency: string;
  readonly minorUnits: number;
  readonly state: 'CAPTURED' | 'DECLINED';
  /** The shop's payment id; undefined where the charge was declined. */
  readonly txnRef: string | undefined;
  /** Why it was declined. */
  readonly declineCode: string | undefined;
}

/** What the fraud check said of an order. */
interface LedgerAssessment extends Entry {
  readonly assessmentId: string;
  /** The shop's order id. */
  readonly reference: string;
  readonly recommendation: 'ACCEPT' | 'REVIEW' | 'REJECT';
}

/** Money that went back. */
export interface LedgerRefund extends Entry {
  readonly refundRef: string;
  readonly txnRef: string;
  /** Of the charge: the shop's order id. */
  readonly reference: string;
  readonly currency: string;
  readonly minorUnits: number;
}

/** A parcel that goes out, or was refused. */
export interface LedgerParcel extends Entry {
  /** Who brings it. */
  readonly system: 'carrier' | 'courier';
  /** In pence. */
  readonly price: number;
  /** The shop's order id. */
  readonly reference: string;
  readonly items: readonly { readonly article: string; readonly pieces: number }[];
  /** Where it goes; undefined for a parcel without an address. */
  readonly country: string | undefined;
  readonly state: 'BOOKED' | 'REJECTED';
  /** The shop's shipment id; undefined where the parcel was refused. */
  readonly consignment: string | undefined;
}

export interface LedgerMail extends Entry {
  readonly messageId: string;
  /** The shop's customer id. */
  readonly recipient: string;
  readonly subject: string;
}

/**
 * What the external systems did, each thing once and in the order in which it was done; what was asked again under the
 * same key is not in it twice.
 */
export interface ExternalLedger {
  readonly assessments: readonly LedgerAssessment[];
  readonly charges: readonly LedgerCharge[];
  readonly refunds: readonly LedgerRefund[];
  readonly parcels: readonly LedgerParcel[];
  readonly mails: readonly LedgerMail[];
  /** Requests that came in, and how many of them repeated one that had been done. */
  readonly requests: { readonly received: number; readonly repeated: number; readonly disturbed: number };
}

/** The ledger as the systems write it. */
export interface LedgerBook {
  readonly assessments: LedgerAssessment[];
  readonly charges: LedgerCharge[];
  readonly refunds: LedgerRefund[];
  readonly parcels: LedgerParcel[];
  readonly mails: LedgerMail[];
}

export const openBook = (): LedgerBook => ({ assessments: [], charges: [], refunds: [], parcels: [], mails: [] });
