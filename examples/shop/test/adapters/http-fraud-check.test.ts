import { expect, it } from 'vitest';
import { createHttpFraudCheck } from '../../functions/payments/http-fraud-check.ts';
import { useExternalServices } from './external-rig.ts';
import { describeFraudCheck, questionOf, signal } from './fraud-check.ts';
import { realSystem } from './real-system.ts';

const { external, client } = useExternalServices();

const create = () => createHttpFraudCheck(client('fraud-check'));

describeFraudCheck('HTTP, against the local fraud check', create);

const real = realSystem('fraud-check');
if (real !== undefined) {
  describeFraudCheck(`HTTP, against ${real.url}`, () => createHttpFraudCheck(real.client()));
}

it('a rejection is an outcome', async () => {
  external().disturb('fraud-check', { kind: 'refuse', code: 'STOLEN_CARD' });

  expect(await create().assess(questionOf(1_000), signal)).toMatchObject({ kind: 'refuse' });
});

it('a verdict that the shop does not know is no verdict', async () => {
  external().disturb('fraud-check', { kind: 'odd', body: { assessmentId: 'fra_1', recommendation: 'toString' } });

  await expect(create().assess(questionOf(1_000), signal)).rejects.toMatchObject({
    code: 'EXTERNAL_RESPONSE_INVALID',
    mismatches: [expect.objectContaining({ path: 'recommendation' })],
  });
});
