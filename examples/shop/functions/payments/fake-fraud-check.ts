import { createAnswersByKey, idFromKey } from '../answers-by-key.ts';
import type { FraudCheck, FraudQuestion, FraudVerdict } from './fraud-check.ts';

export interface FakeFraudCheckOptions {
  /** @default everything passes */
  readonly judge?: (question: FraudQuestion) => FraudVerdict['kind'];
}

/** Knows no fraud. For tests, and for environments that have no check. */
export function createFakeFraudCheck({ judge = () => 'pass' }: FakeFraudCheckOptions = {}): FraudCheck {
  const assessed = createAnswersByKey<FraudQuestion, FraudVerdict>('the fraud check');
  return {
    async assess(question, signal) {
      signal.throwIfAborted();
      return assessed.once(question, () => ({
        kind: judge(question),
        checkId: idFromKey('check', question.idempotencyKey),
      }));
    },
  };
}
