import type { RestRequest } from '../endpoint/service.ts';

export interface ObjectLocation {
  /** Empty when the request is about all buckets. */
  readonly bucketName: string;
  /** Empty when the request is about the bucket. */
  readonly key: string;
}

/**
 * Finds bucket and key in either style of address: `127.0.0.1/bucket/key`, which SDKs use where the endpoint is an IP
 * address, and `bucket.localhost/key`, which they use where it is a name.
 */
export function locateObject({ path, headers }: Pick<RestRequest, 'path' | 'headers'>): ObjectLocation {
  const hostName = (headers['host'] ?? '').replace(/:\d+$/, '');
  const [, fromHost] = /^(.+?)\.(?:s3\.)?localhost$/.exec(hostName) ?? [];
  if (fromHost !== undefined && fromHost !== 's3') return { bucketName: fromHost, key: path.slice(1) };
  const [, bucketName = '', key = ''] = /^\/([^/]*)(?:\/([\s\S]*))?$/.exec(path) ?? [];
  return { bucketName, key };
}
