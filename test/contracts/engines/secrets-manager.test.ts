import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  type ListSecretsCommandInput,
  PutSecretValueCommand,
  RestoreSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { createSecretsManagerReader } from '../../../lib/shared/secrets-manager-reader.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createMovableClock } from '../../../local/clock.ts';
import { openEndpoint } from '../../../local/endpoint/endpoint.ts';
import { createSecretsManager } from '../../../local/secretsmanager/secrets-manager.ts';
import { needsOwnEngine } from './endpoint-under-test.ts';

const T0 = Date.UTC(2026, 10, 20, 6, 0, 0) as EpochMs;
const DAY_MS = 24 * 60 * 60 * 1000;
const ARN = /^arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop\/carrier-[A-Za-z0-9]{6}$/;

async function openRig() {
  needsOwnEngine('SECRETS_MANAGER', 'its clock stands still, and it begins empty');
  const clock = createMovableClock(() => T0);
  const endpoint = await openEndpoint({ log: () => undefined });
  const place = { region: 'eu-central-1', accountId: '111122223333' };
  endpoint.add(createSecretsManager({ clock, newId: randomUUID, ...place }).service);
  const client = new SecretsManagerClient({
    endpoint: endpoint.url,
    region: place.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  return {
    client,
    clock,
    get: async (more: object = {}) => client.send(new GetSecretValueCommand({ SecretId: 'shop/carrier', ...more })),
    create: (SecretString?: string) => client.send(new CreateSecretCommand({ Name: 'shop/carrier', SecretString })),
    put: (SecretString: string, more: object = {}) =>
      client.send(new PutSecretValueCommand({ SecretId: 'shop/carrier', SecretString, ...more })),
    async [Symbol.asyncDispose]() {
      client.destroy();
      await endpoint.close();
    },
  };
}

describe('a secret of Secrets Manager over the wire', () => {
  it('is returned by its name, its ARN and its ARN without the last characters', async () => {
    await using rig = await openRig();
    const { ARN: arn = '', VersionId } = await rig.create('a');

    expect(arn).toMatch(ARN);
    expect(await rig.get()).toMatchObject({
      ARN: arn,
      Name: 'shop/carrier',
      SecretString: 'a',
      VersionId,
      VersionStages: ['AWSCURRENT'],
      CreatedDate: new Date('2026-11-20T06:00:00Z'),
    });
    expect((await rig.get({ SecretId: arn })).SecretString).toBe('a');
    expect((await rig.get({ SecretId: arn.slice(0, -7) })).SecretString).toBe('a');
  });

  it('keeps the value before as AWSPREVIOUS, and no older one', async () => {
    await using rig = await openRig();
    const { VersionId } = await rig.create('a');
    await rig.put('b');
    await rig.client.send(new UpdateSecretCommand({ SecretId: 'shop/carrier', SecretString: 'c' }));

    expect((await rig.get()).SecretString).toBe('c');
    expect((await rig.get({ VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('b');
    await expect(rig.get({ VersionId })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('takes a pending value that is not current', async () => {
    await using rig = await openRig();
    await rig.create('a');
    await rig.put('b', { VersionStages: ['AWSPENDING'] });

    expect((await rig.get()).SecretString).toBe('a');
    expect((await rig.get({ VersionStage: 'AWSPENDING' })).SecretString).toBe('b');
  });

  it('takes a value once for a token, and refuses another one for it', async () => {
    await using rig = await openRig();
    await rig.create('a');
    const ClientRequestToken = '11111111-2222-4333-8444-555555555555';
    await rig.put('b', { ClientRequestToken });
    await rig.put('b', { ClientRequestToken });

    await expect(rig.put('c', { ClientRequestToken })).rejects.toMatchObject({ name: 'ResourceExistsException' });
    expect((await rig.get()).SecretString).toBe('b');
  });

  it('holds bytes as well', async () => {
    await using rig = await openRig();
    const SecretBinary = Buffer.from([0xff, 0x00]);
    await rig.client.send(new CreateSecretCommand({ Name: 'shop/carrier', SecretBinary }));

    const { SecretBinary: got = new Uint8Array(), SecretString } = await rig.get();
    expect([Buffer.from(got), SecretString]).toStrictEqual([SecretBinary, undefined]);
  });

  it('is not found if there is none, or none with a value', async () => {
    await using rig = await openRig();

    await expect(rig.get()).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
    await rig.create();
    await expect(rig.get()).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    });
  });

  it('that is deleted is refused, can be restored, and is gone after its window', async () => {
    await using rig = await openRig();
    await rig.create('a');
    const SecretId = 'shop/carrier';

    const { DeletionDate } = await rig.client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
    expect(DeletionDate).toStrictEqual(new Date('2026-11-27T06:00:00Z'));
    await expect(rig.get()).rejects.toMatchObject({ name: 'InvalidRequestException' });
    await expect(rig.create('b')).rejects.toMatchObject({ name: 'InvalidRequestException' });
    await rig.client.send(new RestoreSecretCommand({ SecretId }));
    expect((await rig.get()).SecretString).toBe('a');

    await rig.client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
    rig.clock.advance(7 * DAY_MS);
    await expect(rig.client.send(new DescribeSecretCommand({ SecretId }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await rig.create('b');
    await rig.client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
    await expect(rig.get()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('is described without its value', async () => {
    await using rig = await openRig();
    const { VersionId = '' } = await rig.client.send(
      new CreateSecretCommand({
        Name: 'shop/carrier',
        SecretString: 'a',
        Description: 'of the carrier',
        Tags: [{ Key: 'team', Value: 'shop' }],
      }),
    );

    const described = await rig.client.send(new DescribeSecretCommand({ SecretId: 'shop/carrier' }));
    expect(described).toMatchObject({
      Name: 'shop/carrier',
      Description: 'of the carrier',
      Tags: [{ Key: 'team', Value: 'shop' }],
      VersionIdsToStages: { [VersionId]: ['AWSCURRENT'] },
    });
    expect(JSON.stringify(described)).not.toContain('SecretString');
  });

  it.each([
    ['a name with a space', { Name: 'a b', SecretString: 'a' }, 'ValidationException'],
    [
      'two kinds of values',
      { Name: 'a', SecretString: 'a', SecretBinary: Buffer.from('a') },
      'InvalidParameterException',
    ],
    ['a value of more than 65,536 bytes', { Name: 'a', SecretString: 'a'.repeat(65_537) }, 'ValidationException'],
    ['a name that is there', { Name: 'shop/carrier', SecretString: 'a' }, 'ResourceExistsException'],
  ])('refuses %s', async (_, input, name) => {
    await using rig = await openRig();
    await rig.create('a');

    await expect(rig.client.send(new CreateSecretCommand(input))).rejects.toMatchObject({ name });
  });

  it('says which operations there are for one that is not', async () => {
    await using rig = await openRig();

    await expect(rig.client.send(new RotateSecretCommand({ SecretId: 'shop/carrier' }))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringContaining(
        'RotateSecret of Secrets Manager is not part of the local run; it has CreateSecret',
      ),
    });
  });
});

describe('a list of secrets', () => {
  async function openList() {
    const rig = await openRig();
    for (const [name, description, tag] of [
      ['shop/carrier', 'Signs tracking', 'tracking'],
      ['shop/courier', 'Signs tracking, too', 'tracking'],
      ['bank', 'Of the gateway', 'money'],
    ] as const) {
      const create = { Name: name, Description: description, SecretString: 'x', Tags: [{ Key: 'for', Value: tag }] };
      await rig.client.send(new CreateSecretCommand(create));
    }
    const namesOf = async (more: ListSecretsCommandInput = {}) =>
      ((await rig.client.send(new ListSecretsCommand(more))).SecretList ?? []).map(({ Name }) => Name);
    return { ...rig, namesOf, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() };
  }

  it('has what is told of each, and no value', async () => {
    await using rig = await openList();

    const { SecretList = [] } = await rig.client.send(new ListSecretsCommand({}));

    expect(SecretList).toHaveLength(3);
    expect(SecretList[0]).toMatchObject({
      ARN: expect.stringMatching(ARN),
      Name: 'shop/carrier',
      Description: 'Signs tracking',
      Tags: [{ Key: 'for', Value: 'tracking' }],
      SecretVersionsToStages: expect.objectContaining({}),
    });
    expect(JSON.stringify(SecretList)).not.toContain('SecretString');
  });

  it.each<[string, ListSecretsCommandInput, readonly string[]]>([
    ['the beginning of a name', { Filters: [{ Key: 'name', Values: ['shop/'] }] }, ['shop/carrier', 'shop/courier']],
    ['one of several names', { Filters: [{ Key: 'name', Values: ['bank', 'shop/cou'] }] }, ['shop/courier', 'bank']],
    ['what it is not', { Filters: [{ Key: 'name', Values: ['!shop'] }] }, ['bank']],
    ['a part of the description', { Filters: [{ Key: 'description', Values: ['GATEWAY'] }] }, ['bank']],
    ['a tag', { Filters: [{ Key: 'tag-value', Values: ['money'] }] }, ['bank']],
    [
      'all of several filters',
      {
        Filters: [
          { Key: 'name', Values: ['shop'] },
          { Key: 'all', Values: ['too'] },
        ],
      },
      ['shop/courier'],
    ],
    ['the order', { SortOrder: 'desc' }, ['bank', 'shop/courier', 'shop/carrier']],
  ])('goes by %s', async (_, input, names) => {
    await using rig = await openList();

    expect(await rig.namesOf(input)).toStrictEqual(names);
  });

  it('comes in pages', async () => {
    await using rig = await openList();
    const { SecretList: first = [], NextToken } = await rig.client.send(new ListSecretsCommand({ MaxResults: 2 }));

    expect(first.map(({ Name }) => Name)).toStrictEqual(['shop/carrier', 'shop/courier']);
    const second = await rig.client.send(new ListSecretsCommand({ MaxResults: 2, NextToken }));
    expect(second.SecretList?.map(({ Name }) => Name)).toStrictEqual(['bank']);
    expect(second.NextToken).toBeUndefined();
    await expect(rig.client.send(new ListSecretsCommand({ NextToken: 'of-somebody' }))).rejects.toMatchObject({
      name: 'InvalidNextTokenException',
    });
  });

  it('leaves out what is to be deleted, unless that is asked for', async () => {
    await using rig = await openList();
    await rig.client.send(new DeleteSecretCommand({ SecretId: 'bank' }));

    expect(await rig.namesOf()).toStrictEqual(['shop/carrier', 'shop/courier']);
    expect(await rig.namesOf({ IncludePlannedDeletion: true })).toContain('bank');
  });

  it('rejects filters that it does not have', async () => {
    await using rig = await openList();

    await expect(rig.namesOf({ Filters: [{ Key: 'owning-service', Values: ['x'] }] })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining("Invalid filter key 'owning-service'"),
    });
  });
});

describe('the secret reader', () => {
  it('returns the text, nothing for a secret that is not there or is deleted, and rejects otherwise', async () => {
    await using rig = await openRig();
    const reader = createSecretsManagerReader(rig.client);

    expect(await reader.read('shop/carrier')).toBeUndefined();
    await rig.create('a');
    expect(await reader.read('shop/carrier')).toBe('a');
    await rig.put('b');
    expect(await reader.read('shop/carrier')).toBe('b');
    await rig.client.send(new DeleteSecretCommand({ SecretId: 'shop/carrier' }));
    expect(await reader.read('shop/carrier')).toBeUndefined();
    await expect(reader.read('')).rejects.toMatchObject({ name: 'ValidationException' });
  });
});
