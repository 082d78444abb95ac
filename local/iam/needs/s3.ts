import type { RestRequest } from '../../endpoint/service.ts';
import { locateObject } from '../../s3/object-location.ts';
import { contentsOf, textOf } from '../../s3/xml.ts';
import type { Need } from './need.ts';

const BUCKET_ACTIONS: Readonly<Record<string, string>> = {
  DELETE: 's3:DeleteBucket',
  GET: 's3:ListBucket',
  HEAD: 's3:ListBucket',
  PUT: 's3:CreateBucket',
};

const OBJECT_ACTIONS: Readonly<Record<string, string>> = {
  DELETE: 's3:DeleteObject',
  GET: 's3:GetObject',
  HEAD: 's3:GetObject',
  PUT: 's3:PutObject',
};

/** What is no operation that the engine knows asks for all of S3, so that nothing goes through unasked. */
export function s3Needs(request: RestRequest): readonly Need[] {
  const { method, query, body } = request;
  const { bucketName, key } = locateObject(request);
  const bucketArn = `arn:aws:s3:::${bucketName}`;
  const objectNeed = (action: string, objectKey: string): Need => ({ action, resource: `${bucketArn}/${objectKey}` });

  if (bucketName === '') return [{ action: 's3:ListAllMyBuckets', resource: '*' }];
  if (key !== '') return [objectNeed(OBJECT_ACTIONS[method] ?? 's3:*', key)];
  if (method === 'POST' && query.has('delete')) {
    const keys = contentsOf('Key', body.toString('utf8')).map(textOf);
    return keys.map((each) => objectNeed('s3:DeleteObject', each));
  }
  if (method === 'GET' && query.has('location')) return [{ action: 's3:GetBucketLocation', resource: bucketArn }];
  return [{ action: BUCKET_ACTIONS[method] ?? 's3:*', resource: bucketArn }];
}
