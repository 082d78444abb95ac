import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../../local/iam/refusals.ts';
import { stopAtMissingGrant } from '../../../local/start/missing-grant.ts';
import { plain } from '../../../local/view/paint.ts';

const refusalOf = (summary: string): Refusal => ({
  constructPath: 'Shop/Payments',
  principal: 'arn:aws:sts::000000000000:assumed-role/payments/payments',
  action: 'dynamodb:PutItem',
  resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/payments',
  message: 'User … is not authorized',
  summary,
  count: 1,
});

function watched({ watch = false, known = [] as readonly Refusal[] } = {}) {
  const warned: string[] = [];
  let refuse: (refusal: Refusal) => void = () => {};
  const permissions = {
    refusals: () => known,
    onRefusal: (listener: (refusal: Refusal) => void) => {
      refuse = listener;
      return () => {
        refuse = () => {};
      };
    },
  };
  const screen = { warn: (text: string) => void warned.push(text), paint: { line: plain, warn: plain, log: plain } };
  const missing = stopAtMissingGrant(permissions, screen, { watch });
  return { missing, warned, refuse: (refusal: Refusal) => refuse(refusal) };
}

describe('stopAtMissingGrant', () => {
  it('says which grant is missing, and stops the run, once', () => {
    const { missing, warned, refuse } = watched();

    refuse(refusalOf('Shop/Payments may not dynamodb:PutItem on Shop/PaymentsTable'));
    refuse(refusalOf('another'));

    expect(missing.signal.reason).toMatchObject({
      code: 'LOCAL_GRANT_MISSING',
      message: 'Shop/Payments may not dynamodb:PutItem on Shop/PaymentsTable',
    });
    expect(warned).toEqual([
      '\nAccess denied: Shop/Payments may not dynamodb:PutItem on Shop/PaymentsTable\n' +
        'The run ends here: it could only try the same again.\n',
    ]);
  });

  it('continues while the code is watched', () => {
    const { missing, warned, refuse } = watched({ watch: true });

    refuse(refusalOf('Shop/Payments may not …'));

    expect(missing.signal.aborted).toBe(false);
    expect(warned).toEqual(['\nAccess denied: Shop/Payments may not …\nMend it and start anew.\n']);
  });

  it('reports a call that was refused before it listened', () => {
    expect(watched({ known: [refusalOf('early')] }).missing.signal.aborted).toBe(true);
  });

  it('reports nothing after it is disposed of', () => {
    const { missing, refuse } = watched();

    missing[Symbol.dispose]();
    refuse(refusalOf('late'));

    expect(missing.signal.aborted).toBe(false);
  });
});
