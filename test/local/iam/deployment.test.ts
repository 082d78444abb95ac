import { describe, expect, it } from 'vitest';
import { createPermissions } from '../../../local/iam/permissions.ts';
import { checkAssembly, deploy } from '../../../local/template/deploy.ts';
import { recordingEngines } from '../template/recording-engines.ts';
import { stacksOf } from '../template/stacks-of.ts';

const PLACE = { accountId: '000000000000', region: 'us-east-1' };

const BILLING_ROLE = {
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: 'billing',
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
    },
  },
};

const grants = (...Statement: readonly object[]) => ({
  Type: 'AWS::IAM::Policy',
  Properties: { PolicyName: 'BillingGrants', Roles: [{ Ref: 'Role' }], PolicyDocument: { Statement } },
});

function deployWith(Grants: object) {
  const permissions = createPermissions({ ...PLACE, log: () => {} });
  const assembly = checkAssembly(stacksOf({ Shop: { Resources: { Role: BILLING_ROLE, Grants } } }), PLACE);
  return {
    permissions,
    deployment: deploy(assembly, recordingEngines().engines, {
      created: permissions.learn,
      gone: permissions.forget,
    }),
  };
}

describe('a deployment', () => {
  const read = { Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: '*' };
  const caller = { kind: 'role', roleArn: 'arn:aws:iam::000000000000:role/billing' } as const;

  it('puts the policies of its templates in force', async () => {
    const { permissions, deployment } = deployWith(grants(read));

    await deployment;

    expect(() => permissions.authorize(caller, [{ action: 'dynamodb:GetItem', resource: 'arn:x' }])).not.toThrow();
    expect(() => permissions.authorize(caller, [{ action: 'dynamodb:PutItem', resource: 'arn:x' }])).toThrow();
  });

  it('ends the effect of a policy when its resource is deleted', async () => {
    const { permissions, deployment } = deployWith(grants(read));
    const [policy] = (await deployment).describe().resources.filter(({ logicalId }) => logicalId === 'Grants');
    const ask = () => permissions.authorize(caller, [{ action: 'dynamodb:GetItem', resource: 'arn:x' }]);
    if (policy === undefined) throw new Error('there is no policy');
    expect(ask).not.toThrow();

    permissions.forget(policy);

    expect(ask).toThrow('because no identity-based policy allows the dynamodb:GetItem action');
  });

  it('is refused if the run cannot evaluate a policy, naming policy, statement and operator', async () => {
    const Condition = { DateGreaterThan: { 'aws:CurrentTime': '2027-01-01T00:00:00Z' } };
    const { deployment } = deployWith(grants(read, { ...read, Condition }));

    await expect(deployment).rejects.toMatchObject({
      code: 'LOCAL_DEPLOYMENT_FAILED',
      logicalId: 'Grants',
      message: expect.stringMatching(
        /^Shop\/Grants \(AWS::IAM::Policy\): .*policy 'BillingGrants' cannot be enforced locally: statement 1: condition operator 'DateGreaterThan' is none that the local run has; it has ArnEquals/,
      ),
    });
  });
});
