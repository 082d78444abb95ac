import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../../local/clock.ts';
import { USER } from '../../../../local/endpoint/service.ts';
import { createSecretsManager } from '../../../../local/secretsmanager/secrets-manager.ts';
import { checkAssembly, deploy } from '../../../../local/template/deploy.ts';
import { createUpdates } from '../../../../local/template/update.ts';
import { recordingEngines } from '../recording-engines.ts';
import { stacksOf } from '../stacks-of.ts';

const PLACE = { accountId: '000000000000', region: 'us-east-1' };

/** A stack with one secret on a Secrets Manager that works. */
async function running(properties: object) {
  const clock = createMovableClock(() => 0);
  let ids = 0;
  const { service: secretsManager } = createSecretsManager({ ...PLACE, clock, newId: () => `version-${++ids}` });
  const templates = (Properties: object | undefined) => ({
    Hub: {
      Resources: {
        Kept: { Type: 'AWS::SQS::Queue' },
        ...(Properties === undefined ? {} : { It: { Type: 'AWS::SecretsManager::Secret', Properties } }),
      },
      ...(Properties === undefined
        ? {}
        : { Outputs: { Ref: { Value: { Ref: 'It' } }, Id: { Value: { 'Fn::GetAtt': ['It', 'Id'] } } } }),
    },
  });
  const check = (next: object | undefined) => checkAssembly(stacksOf(templates(next)), PLACE);
  const live = await deploy(check(properties), { ...recordingEngines().engines, secretsManager });
  const updates = createUpdates(live, { clock, signal: new AbortController().signal });
  const call = async (operation: string, input: object): Promise<Record<string, unknown>> => ({
    ...(await secretsManager.handle(operation, { ...input }, USER)),
  });
  return {
    call,
    outputs: () => Object.fromEntries(live.describe().outputs.get('Hub') ?? []),
    update: (next: object | undefined) => updates.update(check(next)),
  };
}

describe('a secret of a template', () => {
  it('is in Secrets Manager under its name, and gives its ARN', async () => {
    const stack = await running({ Name: 'shop/carrier', SecretString: 'a', Description: 'of the carrier' });

    const secret = await stack.call('GetSecretValue', { SecretId: 'shop/carrier' });
    expect(secret).toMatchObject({ SecretString: 'a' });
    expect(stack.outputs()).toStrictEqual({ Ref: secret['ARN'], Id: secret['ARN'] });
  });

  it('has a generated value in the shape of its template, the same in every run', async () => {
    const properties = {
      Name: 'a',
      GenerateSecretString: {
        SecretStringTemplate: '{"previous":""}',
        GenerateStringKey: 'current',
        PasswordLength: 40,
        ExcludePunctuation: true,
      },
    };
    const value = async () => {
      const { SecretString } = (await (await running(properties)).call('GetSecretValue', { SecretId: 'a' })) as {
        SecretString: string;
      };
      return JSON.parse(SecretString) as { current: string; previous: string };
    };

    const first = await value();
    expect(first).toStrictEqual({ previous: '', current: expect.stringMatching(/^[A-Za-z0-9]{40}$/) });
    expect(await value()).toStrictEqual(first);
  });

  it('keeps a value that was put since, unless an update changes that of the template', async () => {
    const stack = await running({ Name: 'a', SecretString: 'a' });
    await stack.call('PutSecretValue', { SecretId: 'a', SecretString: 'put' });

    await stack.update({ Name: 'a', SecretString: 'a', Description: 'new' });
    expect(await stack.call('GetSecretValue', { SecretId: 'a' })).toMatchObject({ SecretString: 'put' });

    await stack.update({ Name: 'a', SecretString: 'b', Description: 'new' });
    expect(await stack.call('GetSecretValue', { SecretId: 'a' })).toMatchObject({ SecretString: 'b' });
  });

  it('goes with its resource', async () => {
    const stack = await running({ Name: 'a', SecretString: 'a' });

    await stack.update(undefined);

    await expect(stack.call('GetSecretValue', { SecretId: 'a' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });

  it('is refused with a value and a generated one', async () => {
    await expect(running({ Name: 'a', SecretString: 'a', GenerateSecretString: {} })).rejects.toThrow(
      "properties 'GenerateSecretString' and 'SecretString' are given; CloudFormation takes one of them",
    );
  });
});
