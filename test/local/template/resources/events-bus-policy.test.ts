import { describe, expect, it } from 'vitest';
import { deployed } from '../deployed.ts';

const BUS_ARN = 'arn:aws:events:us-east-1:000000000000:event-bus/shop';

const policyOf = async (properties: object) => {
  const { deployment } = await deployed({
    Policy: { Type: 'AWS::Events::EventBusPolicy', Properties: { EventBusName: 'shop', ...properties } },
  });
  return deployment.resourcePolicies[0];
};

describe('the policy of a bus in a template', () => {
  it('is a statement as it is written, under its own id', async () => {
    const Statement = { Effect: 'Deny', Principal: { AWS: '*' }, Action: 'events:PutEvents', Resource: BUS_ARN };

    const policy = await policyOf({ StatementId: 'OnlyTheRelay', Statement });

    expect(policy).toMatchObject({
      physicalId: 'shop|OnlyTheRelay',
      resources: [BUS_ARN],
      document: { Version: '2012-10-17', Statement: [{ Sid: 'OnlyTheRelay', ...Statement }] },
    });
  });

  it('is an allow for an account in its short form', async () => {
    const policy = await policyOf({
      StatementId: 'Partner',
      Action: 'events:PutEvents',
      Principal: '*',
      Condition: { Type: 'StringEquals', Key: 'aws:PrincipalAccount', Value: '111122223333' },
    });

    expect(policy?.document).toStrictEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'Partner',
          Effect: 'Allow',
          Principal: '*',
          Action: 'events:PutEvents',
          Resource: BUS_ARN,
          Condition: { StringEquals: { 'aws:PrincipalAccount': '111122223333' } },
        },
      ],
    });
  });
});
