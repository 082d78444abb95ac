import { createFakeFraudCheck } from '../../functions/payments/fake-fraud-check.ts';
import { describeFraudCheck } from './fraud-check.ts';

describeFraudCheck('fake', () =>
  createFakeFraudCheck({ judge: ({ amount }) => (amount.minorUnits >= 40_000 ? 'review' : 'pass') }),
);
