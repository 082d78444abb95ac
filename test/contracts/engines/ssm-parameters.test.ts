import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  type DescribeParametersCommandInput,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  type GetParametersByPathCommandInput,
  GetParametersCommand,
  ListDocumentsCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  RemoveTagsFromResourceCommand,
} from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { openSsmRig, type SsmRig } from './ssm-rig.ts';

const ARN = 'arn:aws:ssm:eu-central-1:111122223333:parameter';
const USER = 'arn:aws:iam::111122223333:user/local-run';

const put = ({ client }: SsmRig, Name: string, Value: string, more: Partial<PutParameterCommandInput> = {}) =>
  client.send(new PutParameterCommand({ Name, Value, Type: 'String', ...more }));

const get = async ({ client }: SsmRig, Name: string, more: object = {}) =>
  (await client.send(new GetParameterCommand({ Name, ...more }))).Parameter;

describe('a parameter of Parameter Store over the wire', () => {
  it('is returned as it was put, with its version and its time', async () => {
    await using rig = await openSsmRig();

    const { Version, Tier } = await put(rig, '/shop/settings', '{"a":1}');

    expect({ Version, Tier }).toEqual({ Version: 1, Tier: 'Standard' });
    expect(await get(rig, '/shop/settings')).toEqual({
      ARN: `${ARN}/shop/settings`,
      DataType: 'text',
      LastModifiedDate: new Date('2026-11-20T06:00:00Z'),
      Name: '/shop/settings',
      Type: 'String',
      Value: '{"a":1}',
      Version: 1,
    });
  });

  it('is found by its ARN, with and without a slash in its name', async () => {
    await using rig = await openSsmRig();
    await put(rig, '/shop/settings', 'a');
    await put(rig, 'plain', 'b');

    expect((await get(rig, `${ARN}/shop/settings`))?.Value).toBe('a');
    expect((await get(rig, `${ARN}/plain`))?.Name).toBe('plain');
    await expect(get(rig, '/plain')).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  it('is overwritten only when the call says so, and then has a new version', async () => {
    await using rig = await openSsmRig();
    await put(rig, '/shop/settings', 'a');
    rig.clock.advance(60_000);

    await expect(put(rig, '/shop/settings', 'b')).rejects.toMatchObject({
      name: 'ParameterAlreadyExists',
      message:
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    });
    const { Version } = await put(rig, '/shop/settings', 'b', { Overwrite: true, Type: undefined });

    expect(Version).toBe(2);
    expect(await get(rig, '/shop/settings')).toMatchObject({
      Type: 'String',
      Value: 'b',
      Version: 2,
      LastModifiedDate: new Date('2026-11-20T06:01:00Z'),
    });
    expect(await get(rig, '/shop/settings:1')).toMatchObject({ Value: 'a', Version: 1, Selector: ':1' });
    await expect(get(rig, '/shop/settings:3')).rejects.toMatchObject({
      name: 'ParameterVersionNotFound',
      message: 'Systems Manager could not find version 3 of /shop/settings. Verify the version and try again.',
    });
    await expect(get(rig, '/shop/settings:live')).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
  });

  it('keeps the history of its last 100 versions', async () => {
    await using rig = await openSsmRig();
    await put(rig, 'a', '1', { Description: 'first' });
    for (let version = 2; version <= 101; version++) await put(rig, 'a', String(version), { Overwrite: true });

    const first = await rig.client.send(new GetParameterHistoryCommand({ Name: 'a' }));
    const second = await rig.client.send(new GetParameterHistoryCommand({ Name: 'a', NextToken: first.NextToken }));

    expect(first.Parameters?.length).toBe(50);
    expect(first.Parameters?.[0]).toMatchObject({ Value: '2', Version: 2, LastModifiedUser: USER, Tier: 'Standard' });
    expect(second.Parameters?.at(-1)).toMatchObject({ Value: '101', Version: 101 });
    expect(second.NextToken).toBeUndefined();
  });

  it('no longer exists after it is deleted, and starts again at version 1', async () => {
    await using rig = await openSsmRig();
    await put(rig, 'a', '1');
    await put(rig, 'a', '2', { Overwrite: true });

    await rig.client.send(new DeleteParameterCommand({ Name: 'a' }));

    await expect(get(rig, 'a')).rejects.toMatchObject({ name: 'ParameterNotFound' });
    await expect(rig.client.send(new DeleteParameterCommand({ Name: 'a' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
    expect((await put(rig, 'a', '3')).Version).toBe(1);
    expect(await rig.client.send(new DeleteParametersCommand({ Names: ['a', 'b'] }))).toMatchObject({
      DeletedParameters: ['a'],
      InvalidParameters: ['b'],
    });
  });

  it('is shown as a SecureString only if the caller requests decryption', async () => {
    await using rig = await openSsmRig();
    await put(rig, '/key', 'secret', { Type: 'SecureString' });

    expect((await get(rig, '/key', { WithDecryption: true }))?.Value).toBe('secret');
    expect((await get(rig, '/key'))?.Value).not.toContain('secret');
    await expect(put(rig, '/key', 'open', { Overwrite: true })).rejects.toMatchObject({
      name: 'HierarchyTypeMismatchException',
    });
  });

  it('has tags, which a call that overwrites it may not give', async () => {
    await using rig = await openSsmRig();
    const resource = { ResourceType: 'Parameter', ResourceId: '/a' } as const;
    await put(rig, '/a', '1', { Tags: [{ Key: 'team', Value: 'x' }] });

    await rig.client.send(new AddTagsToResourceCommand({ ...resource, Tags: [{ Key: 'cost', Value: 'y' }] }));
    await rig.client.send(new RemoveTagsFromResourceCommand({ ...resource, TagKeys: ['team'] }));

    const { TagList } = await rig.client.send(new ListTagsForResourceCommand(resource));
    expect(TagList).toEqual([{ Key: 'cost', Value: 'y' }]);
    await expect(put(rig, '/a', '2', { Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] })).rejects.toMatchObject({
      name: 'ValidationException',
      message: expect.stringContaining("tags and overwrite can't be used together"),
    });
  });
});

describe('many parameters of Parameter Store over the wire', () => {
  const names = (parameters: readonly { readonly Name?: string | undefined }[] | undefined) =>
    parameters?.map(({ Name }) => Name);
  const shop = async (rig: SsmRig) => {
    for (const name of ['/shop/a', '/shop/b', '/shop/deep/c', '/other', 'plain']) await put(rig, name, name);
    await put(rig, '/shop/key', 'k', { Type: 'SecureString', Tier: 'Advanced' });
  };
  const byPath = ({ client }: SsmRig, input: GetParametersByPathCommandInput) =>
    client.send(new GetParametersByPathCommand(input));
  const described = async ({ client }: SsmRig, input: DescribeParametersCommandInput) =>
    names((await client.send(new DescribeParametersCommand(input))).Parameters);

  it('are returned by their names, and those that do not exist are listed', async () => {
    await using rig = await openSsmRig();
    await shop(rig);

    const { Parameters, InvalidParameters } = await rig.client.send(
      new GetParametersCommand({ Names: ['/shop/a', '/gone', 'plain:1', 'plain:7'] }),
    );

    expect(names(Parameters)).toEqual(['/shop/a', 'plain']);
    expect(InvalidParameters).toEqual(['/gone', 'plain:7']);
  });

  it('are returned by their path: one level, or all, page by page', async () => {
    await using rig = await openSsmRig();
    await shop(rig);

    expect(names((await byPath(rig, { Path: '/shop' })).Parameters)).toEqual(['/shop/a', '/shop/b', '/shop/key']);
    const first = await byPath(rig, { Path: '/shop/', Recursive: true, MaxResults: 3 });
    const second = await byPath(rig, { Path: '/shop/', Recursive: true, MaxResults: 3, NextToken: first.NextToken });
    expect(names(first.Parameters)).toEqual(['/shop/a', '/shop/b', '/shop/deep/c']);
    expect(names(second.Parameters)).toEqual(['/shop/key']);
    const strings = { Key: 'Type', Option: 'Equals', Values: ['SecureString'] };
    expect(names((await byPath(rig, { Path: '/', Recursive: true, ParameterFilters: [strings] })).Parameters)).toEqual([
      '/shop/key',
    ]);
    expect(names((await byPath(rig, { Path: '/' })).Parameters)).toEqual(['/other', 'plain']);
    await expect(byPath(rig, { Path: 'shop' })).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(byPath(rig, { Path: '/', NextToken: 'x' })).rejects.toMatchObject({ name: 'InvalidNextToken' });
  });

  it('are described without their values, as the filters say', async () => {
    await using rig = await openSsmRig();
    await shop(rig);
    const filter = (Key: string, Option: string | undefined, ...Values: string[]) => ({
      ParameterFilters: [{ Key, Option, Values }],
    });

    const { Parameters } = await rig.client.send(new DescribeParametersCommand(filter('Name', 'Equals', '/shop/key')));
    expect(Parameters).toEqual([
      {
        ARN: `${ARN}/shop/key`,
        DataType: 'text',
        KeyId: 'alias/aws/ssm',
        LastModifiedDate: new Date('2026-11-20T06:00:00Z'),
        LastModifiedUser: USER,
        Name: '/shop/key',
        Policies: [],
        Tier: 'Advanced',
        Type: 'SecureString',
        Version: 1,
      },
    ]);
    expect(await described(rig, filter('Name', 'Contains', 'deep'))).toEqual(['/shop/deep/c']);
    expect(await described(rig, filter('Path', 'Recursive', '/shop'))).toEqual([
      '/shop/a',
      '/shop/b',
      '/shop/deep/c',
      '/shop/key',
    ]);
    expect(await described(rig, { Filters: [{ Key: 'Name', Values: ['/o'] }] })).toEqual(['/other']);
    await expect(described(rig, filter('Colour', undefined, 'x'))).rejects.toMatchObject({ name: 'InvalidFilterKey' });
    await expect(described(rig, filter('Type', 'Contains', 'x'))).rejects.toMatchObject({
      name: 'InvalidFilterOption',
    });
    await expect(described(rig, filter('Path', 'OneLevel', 'x'))).rejects.toMatchObject({ name: 'InvalidFilterValue' });
  });
});

describe('Parameter Store refuses', () => {
  it.each<[string, string, Partial<PutParameterCommandInput>, string, string]>([
    ['a name of AWS', '/aws/x', {}, 'AccessDeniedException', 'No access to reserved parameter name: /aws/x.'],
    ['a name of Systems Manager', 'SSM-x', {}, 'ValidationException', 'can\'t be prefixed with "ssm"'],
    ['other characters', '/a b', {}, 'ValidationException', 'letters, numbers and the following 3 symbols'],
    ['a path without a first slash', 'a/b', {}, 'ValidationException', 'must be a fully qualified name'],
    ['a level without a name', '/a//b', {}, 'ValidationException', 'sub-paths divided by slash symbol'],
    ['16 levels', '/a'.repeat(16), {}, 'HierarchyLevelLimitExceededException', 'a maximum of 15 levels'],
    ['a parameter without a type', '/a', { Type: undefined }, 'ValidationException', 'A parameter type is required'],
    [
      'a type that is none',
      '/a',
      { Type: 'Text' as never },
      'ValidationException',
      '[String, StringList, SecureString]',
    ],
    ['no value', '/a', { Value: '' }, 'ValidationException', 'Member must have length greater than or equal to 1.'],
    [
      'more than 4,096 characters',
      '/a',
      { Value: 'x'.repeat(4097) },
      'ValidationException',
      'a maximum parameter value of 4096 characters',
    ],
    [
      'more than 8,192 characters',
      '/a',
      { Value: 'x'.repeat(8193), Tier: 'Intelligent-Tiering' },
      'ValidationException',
      '8192 characters',
    ],
    ['a reference to a parameter', '/a', { Value: '{{ssm:b}}' }, 'ValidationException', "can't nest another parameter"],
    ['a value beside its pattern', '/a', { AllowedPattern: '^\\d+$' }, 'ParameterPatternMismatchException', '^\\d+$'],
    ['a pattern that is none', '/a', { AllowedPattern: '(' }, 'InvalidAllowedPatternException', "'('"],
    ['policies', '/a', { Policies: '[{}]' }, 'InvalidPolicyTypeException', 'not part of the local run'],
    ['an unknown data type', '/a', { DataType: 'json' }, 'ValidationException', 'data type is not supported: json'],
  ])('%s', async (_what, name, more, code, message) => {
    await using rig = await openSsmRig();

    await expect(put(rig, name, 'x', more)).rejects.toMatchObject({
      name: code,
      message: expect.stringContaining(message),
    });
    await expect(get(rig, '/a')).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  it('more than 10 names, and a list without any', async () => {
    await using rig = await openSsmRig();

    for (const Names of [[], Array.from({ length: 11 }, (_, index) => `p${index}`)]) {
      await expect(rig.client.send(new GetParametersCommand({ Names }))).rejects.toMatchObject({
        name: 'ValidationException',
        message: expect.stringContaining('between 1 and 10'),
      });
    }
  });

  it('resources that are no parameters, and operations that the run does not have', async () => {
    await using rig = await openSsmRig();
    const tagged = (ResourceType: 'Parameter' | 'Document', ResourceId: string) =>
      rig.client.send(new ListTagsForResourceCommand({ ResourceType, ResourceId }));

    await expect(tagged('Document', 'a')).rejects.toMatchObject({ name: 'InvalidResourceType' });
    await expect(tagged('Parameter', 'a')).rejects.toMatchObject({ name: 'InvalidResourceId' });
    await expect(rig.client.send(new ListDocumentsCommand({}))).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringContaining('PutParameter'),
    });
  });
});
