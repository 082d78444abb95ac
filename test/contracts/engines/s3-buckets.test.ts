import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { needsOwnEngine } from './endpoint-under-test.ts';
import { openS3Rig, type S3Rig } from './s3-rig.ts';

const fill = async ({ client, bucket }: S3Rig, keys: readonly string[]) => {
  for (const Key of keys) await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: Key }));
};

const keysOf = (list: { Contents?: readonly { Key?: string }[] }) => list.Contents?.map(({ Key }) => Key);

describe('buckets of S3 over the wire', () => {
  it('are created, listed, located and deleted', async () => {
    needsOwnEngine('S3', 'another one may hold other buckets');
    await using rig = await openS3Rig();

    await rig.client.send(new CreateBucketCommand({ Bucket: 'another' }));

    const listed = await rig.client.send(new ListBucketsCommand({}));
    expect(listed.Buckets).toMatchObject([{ Name: 'another' }, { Name: rig.bucket }]);
    expect(listed.Buckets?.[0]?.CreationDate).toEqual(new Date('2026-11-20T06:00:00.000Z'));
    const head = await rig.client.send(new HeadBucketCommand({ Bucket: 'another' }));
    expect(head.BucketRegion).toBe('eu-central-1');
    const located = await rig.client.send(new GetBucketLocationCommand({ Bucket: rig.bucket }));
    expect(located.LocationConstraint).toBe('eu-central-1');
    await rig.client.send(new DeleteBucketCommand({ Bucket: 'another' }));
    await expect(rig.client.send(new HeadBucketCommand({ Bucket: 'another' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
  });

  it('refuse a second creation, except in us-east-1', async () => {
    needsOwnEngine('S3', 'it is in two regions');
    await using rig = await openS3Rig();
    await using forgiving = await openS3Rig('us-east-1');

    await expect(rig.client.send(new CreateBucketCommand({ Bucket: rig.bucket }))).rejects.toMatchObject({
      name: 'BucketAlreadyOwnedByYou',
      $metadata: { httpStatusCode: 409 },
    });
    await expect(forgiving.client.send(new CreateBucketCommand({ Bucket: forgiving.bucket }))).resolves.toMatchObject({
      Location: '/claims',
    });
  });

  it.each(['UPPER', 'a..b', '-ab', '10.0.0.1'])('refuse the name %s', async (name) => {
    await using rig = await openS3Rig();

    const created = rig.client.send(new CreateBucketCommand({ Bucket: name }));

    await expect(created).rejects.toMatchObject({ name: 'InvalidBucketName' });
  });

  it('cannot be deleted while they hold objects', async () => {
    await using rig = await openS3Rig();
    await fill(rig, ['a']);

    await expect(rig.client.send(new DeleteBucketCommand({ Bucket: rig.bucket }))).rejects.toMatchObject({
      name: 'BucketNotEmpty',
      $metadata: { httpStatusCode: 409 },
    });
  });

  it('list their keys in the order of their bytes', async () => {
    await using rig = await openS3Rig();
    await fill(rig, ['b', '\u{1f600}', 'a b', '\uffee', 'B']);

    const list = await rig.client.send(new ListObjectsV2Command({ Bucket: rig.bucket }));

    expect(keysOf(list)).toEqual(['B', 'a b', 'b', '\uffee', '\u{1f600}']);
    expect(list).toMatchObject({ KeyCount: 5, MaxKeys: 1000, IsTruncated: false, Name: rig.bucket });
    expect(list.Contents?.[2]).toMatchObject({ Size: 1, StorageClass: 'STANDARD', ETag: expect.stringMatching(/^"/) });
  });

  it('group keys that share a prefix', async () => {
    await using rig = await openS3Rig();
    await fill(rig, ['orders/1/a', 'orders/1/b', 'orders/2/a', 'orders/list', 'other']);

    const list = await rig.client.send(
      new ListObjectsV2Command({ Bucket: rig.bucket, Prefix: 'orders/', Delimiter: '/' }),
    );

    expect(keysOf(list)).toEqual(['orders/list']);
    expect(list.CommonPrefixes).toEqual([{ Prefix: 'orders/1/' }, { Prefix: 'orders/2/' }]);
    expect(list).toMatchObject({ KeyCount: 3, Prefix: 'orders/', Delimiter: '/' });
  });

  it('are listed page by page, prefixes counted as keys', async () => {
    await using rig = await openS3Rig();
    await fill(rig, ['a/1', 'a/2', 'b', 'c/1', 'd']);
    const pages: unknown[] = [];

    let ContinuationToken: string | undefined;
    do {
      const page = await rig.client.send(
        new ListObjectsV2Command({ Bucket: rig.bucket, Delimiter: '/', MaxKeys: 2, ContinuationToken }),
      );
      pages.push([keysOf(page), page.CommonPrefixes?.map(({ Prefix }) => Prefix)]);
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);

    expect(pages).toEqual([
      [['b'], ['a/']],
      [['d'], ['c/']],
    ]);
  });

  it('start a list after a key, and URL-encode it when requested', async () => {
    await using rig = await openS3Rig();
    await fill(rig, ['a', 'b c/d', 'e']);

    const list = await rig.client.send(
      new ListObjectsV2Command({ Bucket: rig.bucket, StartAfter: 'a', EncodingType: 'url' }),
    );

    expect(keysOf(list)).toEqual(['b+c/d', 'e']);
  });

  it('refuse a continuation token that is not from an earlier page', async () => {
    await using rig = await openS3Rig();

    const list = rig.client.send(new ListObjectsV2Command({ Bucket: rig.bucket, ContinuationToken: 'made-up' }));

    await expect(list).rejects.toMatchObject({ name: 'InvalidArgument' });
  });

  it('refuse bucket settings that the run does not support', async () => {
    needsOwnEngine('S3', 'another one may do it');
    await using rig = await openS3Rig();

    const versioning = rig.client.send(new GetBucketVersioningCommand({ Bucket: rig.bucket }));

    await expect(versioning).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining("'?versioning' is not part of the local run's S3"),
    });
  });
});
