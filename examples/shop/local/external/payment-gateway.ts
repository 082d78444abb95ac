import type { EngineClock } from '../../../../local/clock.ts';
import { readAmount } from './decimal-amount.ts';
import { type ForeignReply, type ForeignSystem, foreignError, textOf } from './foreign-system.ts';
import type { LedgerBook } from './ledger.ts';

/** Charges of this much or more are declined: 1,000.00 in a currency with cents. */
const LIMIT_MINOR_UNITS = 100_000;

const CHARGES = '/v2/charges';
const REFUNDS = /^\/v2\/charges\/([^/]+)\/refunds$/;

/** Takes money, gives it back, and declines what is too much. */
export function createPaymentGatewaySystem(
  book: LedgerBook,
  clock: Pick<EngineClock, 'now'>,
  newRef: (prefix: string) => string,
): ForeignSystem {
  const now = () => new Date(clock.now()).toISOString();

  return {
    perform({ path, body, idempotencyKey }, refusal): ForeignReply {
      const { amt, ccy } = body;
      const minorUnits = readAmount(amt, ccy);
      if (minorUnits === undefined || typeof ccy !== 'string') {
        return foreignError(400, 'AMOUNT_INVALID', `amt '${String(amt)}' with ccy '${String(ccy)}' is no amount`);
      }
      const entry = { idempotencyKey, currency: ccy, minorUnits, at: now() };

      if (path === CHARGES) {
        const reference = textOf(body['merchantRef']);
        if (reference === undefined) return foreignError(400, 'REFERENCE_MISSING', 'merchantRef must not be empty');
        const declineCode = refusal ?? (minorUnits >= LIMIT_MINOR_UNITS ? 'LIMIT_EXCEEDED' : undefined);
        if (declineCode !== undefined) {
          book.charges.push({ ...entry, reference, state: 'DECLINED', txnRef: undefined, declineCode });
          return { status: 402, body: { state: 'DECLINED', declineCode, amt, ccy } };
        }
        const txnRef = newRef('txn');
        book.charges.push({ ...entry, reference, state: 'CAPTURED', txnRef, declineCode: undefined });
        return { status: 201, body: { txnRef, state: 'CAPTURED', amt, ccy, bookedAt: entry.at } };
      }

      const [, encodedRef] = REFUNDS.exec(path) ?? [];
      if (encodedRef === undefined) return foreignError(404, 'NOT_FOUND', `there is no ${path}`);
      const txnRef = decoded(encodedRef);
      const charge = book.charges.find((one) => one.txnRef === txnRef);
      if (charge === undefined) return foreignError(404, 'TXN_NOT_FOUND', `there is no transaction '${txnRef}'`);
      const refunded = book.refunds
        .filter((refund) => refund.txnRef === txnRef)
        .reduce((sum, refund) => sum + refund.minorUnits, 0);
      if (ccy !== charge.currency || refunded + minorUnits > charge.minorUnits) {
        return foreignError(
          422,
          'AMOUNT_EXCEEDS_CAPTURED',
          `'${txnRef}' has less than ${String(amt)} ${ccy} to refund`,
        );
      }
      const refundRef = newRef('rfd');
      book.refunds.push({ ...entry, refundRef, txnRef, reference: charge.reference });
      return { status: 201, body: { refundRef, txnRef, state: 'REFUNDED', amt, ccy, bookedAt: entry.at } };
    },
  };
}

/** As it stands where it is not well encoded: there is no such transaction then. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
