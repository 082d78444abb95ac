import type { EngineClock } from '../../../../local/clock.ts';
import { readAmount } from './decimal-amount.ts';
import { type ForeignSystem, foreignError, textOf } from './foreign-system.ts';
import type { LedgerBook } from './ledger.ts';

/** From here on a person has to look, and the gateway declines from 1,000.00 on: 300.00 in a currency with cents. */
const REVIEW_MINOR_UNITS = 30_000;
const REVIEW_END_MINOR_UNITS = 100_000;

/** Judges orders by their amount; `refuse` of the desk has the next one rejected. */
export function createFraudCheckSystem(
  book: LedgerBook,
  clock: Pick<EngineClock, 'now'>,
  newRef: (prefix: string) => string,
): ForeignSystem {
  return {
    perform({ path, body, idempotencyKey }, refusal) {
      if (path !== '/assessments') return foreignError(404, 'NOT_FOUND', `there is no ${path}`);
      const reference = textOf(body['transactionRef']);
      const minorUnits = readAmount(body['amt'], body['ccy']);
      if (reference === undefined || minorUnits === undefined) {
        return foreignError(400, 'ASSESSMENT_INVALID', 'an assessment needs transactionRef, amt and ccy');
      }
      const isLarge = minorUnits >= REVIEW_MINOR_UNITS && minorUnits < REVIEW_END_MINOR_UNITS;
      const recommendation = refusal === undefined ? (isLarge ? 'REVIEW' : 'ACCEPT') : 'REJECT';
      const assessmentId = newRef('fra');
      const at = new Date(clock.now()).toISOString();
      book.assessments.push({ idempotencyKey, at, reference, recommendation, assessmentId });
      return { status: 200, body: { assessmentId, recommendation } };
    },
  };
}
