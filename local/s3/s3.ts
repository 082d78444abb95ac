import type { EngineClock } from '../clock.ts';
import type { Caller, RestRequest, RestResponse, RestService } from '../endpoint/service.ts';
import { createBucketOperations } from './bucket-operations.ts';
import { createBucketStore } from './bucket-store.ts';
import { describeError, notImplemented } from './errors.ts';
import { locateObject } from './object-location.ts';
import { createObjectOperations } from './object-operations.ts';

export interface S3Options {
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
}

export interface S3 {
  readonly service: RestService;
  /** A bucket's bodies by key, in the order of their first writing. @throws AwsError NoSuchBucket */
  objects(bucketName: string): ReadonlyMap<string, Buffer>;
}

/** What makes ordinary requests of buckets and objects another operation, `?versioning` or `?uploads`. */
const SUBRESOURCES = new Set([
  'accelerate',
  'acl',
  'analytics',
  'attributes',
  'cors',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'partNumber',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
]);

/** An S3 of buckets and whole objects, in memory. */
export function createS3({ clock, region, accountId }: S3Options): S3 {
  const store = createBucketStore();
  const buckets = createBucketOperations({ store, clock, region, accountId });
  const objects = createObjectOperations(store, clock);

  const onBucket = (bucketName: string, request: RestRequest): RestResponse => {
    const { method, query } = request;
    if (method === 'POST' && query.has('delete')) return objects.removeAll(bucketName, request);
    if (method === 'GET' && query.has('location')) return buckets.locate(bucketName, request);
    if (method === 'GET' && query.get('list-type') === '2') return buckets.listKeys(bucketName, request);
    if (method === 'PUT') return buckets.create(bucketName, request);
    if (method === 'HEAD') return buckets.head(bucketName, request);
    if (method === 'DELETE') return buckets.remove(bucketName, request);
    throw notImplemented(method === 'GET' ? 'ListObjects of version 1' : `${method} of a bucket`);
  };

  const onObject = (bucketName: string, key: string, request: RestRequest): RestResponse => {
    const { method } = request;
    if (method === 'PUT') return objects.put(bucketName, key, request);
    if (method === 'GET' || method === 'HEAD') return objects.read(bucketName, key, request);
    if (method === 'DELETE') return objects.remove(bucketName, key, request);
    throw notImplemented(`${method} of an object`);
  };

  return {
    service: {
      signingName: 's3',
      describeError,
      async handle(request: RestRequest, _caller: Caller) {
        const { bucketName, key } = locateObject(request);
        const subresource = [...request.query.keys()].find((name) => SUBRESOURCES.has(name));
        if (subresource !== undefined) throw notImplemented(`'?${subresource}'`);
        if (bucketName === '') return buckets.list();
        return key === '' ? onBucket(bucketName, request) : onObject(bucketName, key, request);
      },
    },
    objects: (bucketName) =>
      new Map([...store.bucket(bucketName).objects.values()].map(({ key, body }) => [key, body])),
  };
}
