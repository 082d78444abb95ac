import { request } from 'node:http';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { needsOwnEngine } from './endpoint-under-test.ts';
import { openS3Rig, type S3Rig } from './s3-rig.ts';

const SIGNATURE = 'AWS4-HMAC-SHA256 Credential=test/20261120/eu-central-1/s3/aws4_request, x';

const textAt = async ({ client, bucket }: S3Rig, Key: string, more: object = {}): Promise<string> => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key, ...more }));
  return (await Body?.transformToString()) ?? '';
};

describe('objects of S3 over the wire', () => {
  it('are returned as they were put, with their headers and metadata', async () => {
    await using rig = await openS3Rig();
    const put = await rig.client.send(
      new PutObjectCommand({
        Bucket: rig.bucket,
        Key: 'orders/1042 ü+&.json',
        Body: '{"orderId":"1042"}',
        ContentType: 'application/json',
        ContentEncoding: 'identity',
        CacheControl: 'no-store',
        Metadata: { event: '7' },
      }),
    );

    const got = await rig.client.send(new GetObjectCommand({ Bucket: rig.bucket, Key: 'orders/1042 ü+&.json' }));

    expect(put.ETag).toBe('"3b47fd4521bff584a3f27c4353c247c4"');
    expect(await got.Body?.transformToString()).toBe('{"orderId":"1042"}');
    expect(got).toMatchObject({
      ETag: put.ETag,
      ContentLength: 18,
      ContentType: 'application/json',
      ContentEncoding: 'identity',
      CacheControl: 'no-store',
      Metadata: { event: '7' },
      LastModified: expect.any(Date),
      ChecksumCRC32: put.ChecksumCRC32,
      ChecksumType: 'FULL_OBJECT',
    });
  });

  it('are uploaded from a stream with its checksum in a trailer', async () => {
    await using rig = await openS3Rig();
    const chunks = ['a'.repeat(70_000), 'b'.repeat(10)];
    const Body = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

    await rig.client.send(new PutObjectCommand({ Bucket: rig.bucket, Key: 'stream', Body, ContentLength: 70_010 }));

    expect(await textAt(rig, 'stream')).toBe(chunks.join(''));
    const head = await rig.client.send(new HeadObjectCommand({ Bucket: rig.bucket, Key: 'stream' }));
    expect(head).toMatchObject({ ContentLength: 70_010, ContentType: 'application/octet-stream' });
    expect(head.ContentEncoding).toBeUndefined();
  });

  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)('keep the checksum %s', async (algorithm) => {
    await using rig = await openS3Rig();
    const values = {
      CRC32: 'y/Q5Jg==',
      CRC32C: '4waSgw==',
      CRC64NVME: 'rosUhgp5mIg=',
      SHA1: '98O8HYCOBHMq32eZZczDTKeuNEE=',
      SHA256: 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=',
    };

    await rig.client.send(
      new PutObjectCommand({
        Bucket: rig.bucket,
        Key: 'digits',
        Body: '123456789',
        [`Checksum${algorithm}`]: values[algorithm],
      }),
    );

    const head = await rig.client.send(
      new HeadObjectCommand({ Bucket: rig.bucket, Key: 'digits', ChecksumMode: 'ENABLED' }),
    );
    expect(head[`Checksum${algorithm}`]).toBe(values[algorithm]);
  });

  it('refuse a body that does not match its checksum or MD5, and store nothing', async () => {
    await using rig = await openS3Rig();
    const put = (more: object) =>
      rig.client.send(new PutObjectCommand({ Bucket: rig.bucket, Key: 'broken', Body: 'text', ...more }));

    await expect(put({ ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(put({ ContentMD5: 'AAAAAAAAAAAAAAAAAAAAAA==' })).rejects.toMatchObject({
      name: 'BadDigest',
      message: 'The Content-MD5 you specified did not match the calculated checksum.',
    });

    await expect(textAt(rig, 'broken')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-4', '6789', 'bytes 6-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
  ])('are read in part: %s', async (Range, text, contentRange) => {
    await using rig = await openS3Rig();
    await rig.client.send(new PutObjectCommand({ Bucket: rig.bucket, Key: 'digits', Body: '0123456789' }));

    const got = await rig.client.send(new GetObjectCommand({ Bucket: rig.bucket, Key: 'digits', Range }));

    expect(await got.Body?.transformToString()).toBe(text);
    expect(got).toMatchObject({ ContentRange: contentRange, $metadata: { httpStatusCode: 206 } });
  });

  it('refuse a range beyond their end', async () => {
    await using rig = await openS3Rig();
    await rig.client.send(new PutObjectCommand({ Bucket: rig.bucket, Key: 'digits', Body: '0123456789' }));

    await expect(textAt(rig, 'digits', { Range: 'bytes=10-' })).rejects.toMatchObject({
      name: 'InvalidRange',
      $metadata: { httpStatusCode: 416 },
    });
  });

  it('are written conditionally', async () => {
    await using rig = await openS3Rig();
    const put = (Body: string, more: object = {}) =>
      rig.client.send(new PutObjectCommand({ Bucket: rig.bucket, Key: 'once', Body, ...more }));
    const { ETag } = await put('first', { IfNoneMatch: '*' });

    await expect(put('second', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
    await expect(put('second', { IfMatch: '"other"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await put('third', { IfMatch: ETag });

    expect(await textAt(rig, 'once')).toBe('third');
  });

  it('answer 304 if the caller has the current version', async () => {
    await using rig = await openS3Rig();
    const { ETag } = await rig.client.send(new PutObjectCommand({ Bucket: rig.bucket, Key: 'known', Body: 'x' }));

    await expect(textAt(rig, 'known', { IfNoneMatch: ETag })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
  });

  it('are deleted, whether they exist or not', async () => {
    await using rig = await openS3Rig();
    for (const Key of ['a', 'b&c', 'd'])
      await rig.client.send(new PutObjectCommand({ Bucket: rig.bucket, Key, Body: Key }));

    const one = await rig.client.send(new DeleteObjectCommand({ Bucket: rig.bucket, Key: 'a' }));
    const many = await rig.client.send(
      new DeleteObjectsCommand({ Bucket: rig.bucket, Delete: { Objects: [{ Key: 'b&c' }, { Key: 'never' }] } }),
    );

    expect(one.$metadata.httpStatusCode).toBe(204);
    expect(many.Deleted).toEqual([{ Key: 'b&c' }, { Key: 'never' }]);
    await expect(textAt(rig, 'b&c')).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await textAt(rig, 'd')).toBe('d');
  });

  it('refuse a key, and a bucket, that do not exist', async () => {
    await using rig = await openS3Rig();

    await expect(textAt(rig, 'never')).rejects.toMatchObject({
      name: 'NoSuchKey',
      message: 'The specified key does not exist.',
      Key: 'never',
      $metadata: { httpStatusCode: 404 },
    });
    await expect(rig.client.send(new HeadObjectCommand({ Bucket: rig.bucket, Key: 'never' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    await expect(rig.client.send(new GetObjectCommand({ Bucket: 'nowhere', Key: 'k' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
      message: 'The specified bucket does not exist',
    });
  });

  it('refuse an unsupported operation by name', async () => {
    needsOwnEngine('S3', 'another one may do it');
    await using rig = await openS3Rig();

    const copy = rig.client.send(new CopyObjectCommand({ Bucket: rig.bucket, Key: 'copy', CopySource: 'claims/a' }));

    await expect(copy).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining("CopyObject is not part of the local run's S3"),
    });
  });

  it('keep dots in their keys, and are also found by host name', async () => {
    needsOwnEngine('S3', 'the request is not signed');
    await using rig = await openS3Rig();
    await rig.client.send(new PutObjectCommand({ Bucket: rig.bucket, Key: 'a/../b/./c', Body: 'dotted' }));

    const { port } = new URL(rig.url);
    const text = await new Promise((resolve, reject) => {
      const headers = { host: `claims.localhost:${port}`, authorization: SIGNATURE };
      request({ host: '127.0.0.1', port, path: '/a/../b/./c', headers }, async (response) => {
        response.setEncoding('utf8');
        resolve((await response.toArray()).join(''));
      })
        .once('error', reject)
        .end();
    });

    expect(text).toBe('dotted');
  });

  it('are read by a presigned URL', async () => {
    needsOwnEngine('S3', 'the address is not signed');
    await using rig = await openS3Rig();
    await rig.client.send(new PutObjectCommand({ Bucket: rig.bucket, Key: 'shared', Body: 'for all' }));
    const credential = encodeURIComponent('test/20261120/eu-central-1/s3/aws4_request');

    const answer = await fetch(`${rig.url}/claims/shared?X-Amz-Credential=${credential}&X-Amz-Signature=0`);

    expect(await answer.text()).toBe('for all');
  });
});
