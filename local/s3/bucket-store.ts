import type { EpochMs } from '../../lib/shared/time.ts';
import type { Checksum } from './checksums.ts';
import { noSuchBucket, noSuchKey } from './errors.ts';

export interface StoredObject {
  readonly key: string;
  readonly body: Buffer;
  /** With its quotes, as the header has it. */
  readonly etag: string;
  readonly checksum: Checksum;
  readonly lastModified: EpochMs;
  /** Headers that go back to whoever reads it: content type and its like, `x-amz-meta-…`. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Bucket {
  readonly name: string;
  readonly createdAt: EpochMs;
  readonly objects: Map<string, StoredObject>;
}

export interface BucketStore {
  readonly buckets: Map<string, Bucket>;
  /** @throws AwsError NoSuchBucket */
  bucket(name: string): Bucket;
  /** @throws AwsError NoSuchBucket, NoSuchKey */
  object(bucketName: string, key: string): StoredObject;
}

export function createBucketStore(): BucketStore {
  const buckets = new Map<string, Bucket>();
  const find = (name: string): Bucket => {
    const bucket = buckets.get(name);
    if (bucket === undefined) throw noSuchBucket(name);
    return bucket;
  };
  return {
    buckets,
    bucket: find,
    object(bucketName, key) {
      const object = find(bucketName).objects.get(key);
      if (object === undefined) throw noSuchKey(key);
      return object;
    },
  };
}
