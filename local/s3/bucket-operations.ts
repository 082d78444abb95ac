import { toTimestamp } from '../../lib/shared/time.ts';
import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { RestRequest, RestResponse } from '../endpoint/service.ts';
import type { BucketStore } from './bucket-store.ts';
import { listObjects } from './list-objects.ts';
import { contentsOf, element, xmlDocument } from './xml.ts';

export interface BucketOperationsDeps {
  readonly store: BucketStore;
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
}

type BucketOperation = (bucketName: string, request: RestRequest) => RestResponse;

/** Where creating one's own bucket again is no error, for the sake of old programs. */
const FORGIVING_REGION = 'us-east-1';

export function createBucketOperations({ store, clock, region, accountId }: BucketOperationsDeps) {
  const list = (): RestResponse =>
    xml(
      xmlDocument('ListAllMyBucketsResult', [
        element('Owner', [element('ID', accountId)]),
        element(
          'Buckets',
          [...store.buckets.values()]
            .toSorted((a, b) => (a.name < b.name ? -1 : 1))
            .map(({ name, createdAt }) =>
              element('Bucket', [
                element('Name', name),
                element('CreationDate', toTimestamp(createdAt)),
                element('BucketRegion', region),
              ]),
            ),
        ),
      ]),
    );

  const create: BucketOperation = (name, { body }) => {
    checkName(name);
    const [location = region] = contentsOf('LocationConstraint', body.toString('utf8'));
    if (location !== region) {
      throw new AwsError(
        'IllegalLocationConstraintException',
        `The ${location} location constraint is incompatible for the region specific endpoint this request was sent to.`,
      );
    }
    if (store.buckets.has(name)) {
      if (region === FORGIVING_REGION) return created(name);
      throw new AwsError(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
        { statusCode: 409, fields: { BucketName: name } },
      );
    }
    store.buckets.set(name, { name, createdAt: clock.now(), objects: new Map() });
    return created(name);
  };

  const head: BucketOperation = (name) => {
    store.bucket(name);
    return { statusCode: 200, headers: { 'x-amz-bucket-region': region } };
  };

  const locate: BucketOperation = (name) => {
    store.bucket(name);
    const constraint = region === 'us-east-1' ? '' : region;
    return xml(
      `<?xml version="1.0" encoding="UTF-8"?>\n<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${constraint}</LocationConstraint>`,
    );
  };

  const remove: BucketOperation = (name) => {
    if (store.bucket(name).objects.size > 0) {
      throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty', {
        statusCode: 409,
        fields: { BucketName: name },
      });
    }
    store.buckets.delete(name);
    return { statusCode: 204 };
  };

  const listKeys: BucketOperation = (name, { query }) => xml(listObjects(store.bucket(name), query));

  return { list, create, head, locate, remove, listKeys };
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function checkName(name: string): void {
  const looksRight = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name);
  if (looksRight && !name.includes('..') && !/^\d+\.\d+\.\d+\.\d+$/.test(name)) return;
  throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.', { fields: { BucketName: name } });
}

const created = (name: string): RestResponse => ({ statusCode: 200, headers: { location: `/${name}` } });

const xml = (body: string): RestResponse => ({ statusCode: 200, headers: { 'content-type': 'application/xml' }, body });
