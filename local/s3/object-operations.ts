import { createHash } from 'node:crypto';
import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { RestRequest, RestResponse } from '../endpoint/service.ts';
import { decodeAwsChunked } from './aws-chunked.ts';
import type { BucketStore, StoredObject } from './bucket-store.ts';
import { readRange } from './byte-range.ts';
import { type Checksum, verifyChecksums } from './checksums.ts';
import { malformedXml, noSuchKey, notImplemented, preconditionFailed } from './errors.ts';
import { contentsOf, element, textOf, xmlDocument } from './xml.ts';

type ObjectOperation = (bucketName: string, key: string, request: RestRequest) => RestResponse;

/** Headers of PutObject that GetObject gives back as they came. */
const KEPT_HEADERS = ['cache-control', 'content-disposition', 'content-language', 'content-type', 'expires'] as const;

const METADATA_PREFIX = 'x-amz-meta-';
const DEFAULT_CONTENT_TYPE = 'application/octet-stream';

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
const MOST_METADATA_BYTES = 2048;
const MOST_KEY_BYTES = 1024;
const MOST_DELETED_KEYS = 1000;

export function createObjectOperations(store: BucketStore, clock: EngineClock) {
  const put: ObjectOperation = (bucketName, key, request) => {
    const bucket = store.bucket(bucketName);
    if (request.headers['x-amz-copy-source'] !== undefined) throw notImplemented('CopyObject');
    if (Buffer.byteLength(key) > MOST_KEY_BYTES) {
      throw new AwsError('KeyTooLongError', 'Your key is too long', {
        fields: { MaxSizeAllowed: String(MOST_KEY_BYTES) },
      });
    }
    checkWriteConditions(bucket.objects.get(key), key, request);
    const { body, trailers } = isAwsChunked(request)
      ? decodeAwsChunked(request.body)
      : { body: request.body, trailers: {} };
    const checksum = verifyChecksums(body, { ...request.headers, ...trailers });
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    bucket.objects.set(key, { key, body, etag, checksum, lastModified: clock.now(), headers: headersToKeep(request) });
    return { statusCode: 200, headers: { etag, ...checksumHeaders(checksum) } };
  };

  const read: ObjectOperation = (bucketName, key, request) => {
    const object = store.object(bucketName, key);
    if (isNotModified(object, request)) return { statusCode: 304, headers: { etag: object.etag } };
    const headers = {
      ...object.headers,
      etag: object.etag,
      'last-modified': new Date(object.lastModified).toUTCString(),
      'accept-ranges': 'bytes',
    };
    const size = object.body.length;
    const range = readRange(request.headers['range'], size);
    if (range === undefined) {
      const wantsChecksum = request.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED';
      return {
        statusCode: 200,
        headers: {
          ...headers,
          ...(wantsChecksum ? checksumHeaders(object.checksum) : {}),
          'content-length': String(size),
        },
        body: object.body,
      };
    }
    const { first, last } = range;
    return {
      statusCode: 206,
      headers: {
        ...headers,
        'content-range': `bytes ${first}-${last}/${size}`,
        'content-length': String(last - first + 1),
      },
      body: object.body.subarray(first, last + 1),
    };
  };

  const remove: ObjectOperation = (bucketName, key) => {
    store.bucket(bucketName).objects.delete(key);
    return { statusCode: 204 };
  };

  const removeAll = (bucketName: string, request: RestRequest): RestResponse => {
    const bucket = store.bucket(bucketName);
    verifyChecksums(request.body, request.headers);
    const text = request.body.toString('utf8');
    const keys = contentsOf('Object', text).map((object) => textOf(contentsOf('Key', object)[0] ?? ''));
    if (keys.length === 0 || keys.length > MOST_DELETED_KEYS || keys.includes('')) throw malformedXml();
    for (const key of keys) bucket.objects.delete(key);
    const isQuiet = contentsOf('Quiet', text)[0] === 'true';
    return {
      statusCode: 200,
      headers: { 'content-type': 'application/xml' },
      body: xmlDocument('DeleteResult', isQuiet ? [] : keys.map((key) => element('Deleted', [element('Key', key)]))),
    };
  };

  return { put, read, remove, removeAll };
}

const isAwsChunked = ({ headers }: RestRequest): boolean =>
  headers['content-encoding']?.split(',').some((encoding) => encoding.trim() === 'aws-chunked') === true ||
  headers['x-amz-content-sha256']?.startsWith('STREAMING-') === true;

/** @throws AwsError PreconditionFailed, NoSuchKey */
function checkWriteConditions(existing: StoredObject | undefined, key: string, { headers }: RestRequest): void {
  if (headers['if-none-match'] === '*' && existing !== undefined) throw preconditionFailed('If-None-Match');
  const wanted = headers['if-match'];
  if (wanted === undefined) return;
  if (existing === undefined) throw noSuchKey(key);
  if (!isSameTag(wanted, existing.etag)) throw preconditionFailed('If-Match');
}

/** @throws AwsError PreconditionFailed */
function isNotModified({ etag }: StoredObject, { headers }: RestRequest): boolean {
  const wanted = headers['if-match'];
  if (wanted !== undefined && !isSameTag(wanted, etag)) throw preconditionFailed('If-Match');
  const known = headers['if-none-match'];
  return known !== undefined && isSameTag(known, etag);
}

const isSameTag = (given: string, etag: string): boolean =>
  given === '*' || given.replaceAll('"', '') === etag.replaceAll('"', '');

function headersToKeep({ headers }: RestRequest): Record<string, string> {
  const named = Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    const isKept = KEPT_HEADERS.some((kept) => kept === name) || name.startsWith(METADATA_PREFIX);
    return isKept && value !== undefined ? [[name, value]] : [];
  });
  const metadataBytes = named
    .filter(([name]) => name.startsWith(METADATA_PREFIX))
    .reduce((sum, [name, value]) => sum + name.length - METADATA_PREFIX.length + Buffer.byteLength(value), 0);
  if (metadataBytes > MOST_METADATA_BYTES) {
    throw new AwsError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
      fields: { Size: String(metadataBytes), MaxSizeAllowed: String(MOST_METADATA_BYTES) },
    });
  }
  const encoding = (headers['content-encoding'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'aws-chunked')
    .join(',');
  return {
    'content-type': DEFAULT_CONTENT_TYPE,
    ...Object.fromEntries(named),
    ...(encoding === '' ? {} : { 'content-encoding': encoding }),
  };
}

const checksumHeaders = ({ header, value }: Checksum) => ({ [header]: value, 'x-amz-checksum-type': 'FULL_OBJECT' });
