import { toTimestamp } from '../../lib/shared/time.ts';
import type { Bucket, StoredObject } from './bucket-store.ts';
import { invalidArgument } from './errors.ts';
import { element, type Markup, optionalElement, xmlDocument } from './xml.ts';

const LARGEST_PAGE = 1000;

type Item =
  | { readonly kind: 'object'; readonly name: string; readonly object: StoredObject }
  | { readonly kind: 'prefix'; readonly name: string };

/** ListObjectsV2 as XML: keys in the order of their UTF-8 bytes, those that share a prefix up to the delimiter as one. */
export function listObjects(bucket: Bucket, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const startAfter = query.get('start-after') ?? undefined;
  const token = query.get('continuation-token') ?? undefined;
  const encodingType = query.get('encoding-type') ?? undefined;
  const maxKeys = readMaxKeys(query.get('max-keys'));
  const after = token === undefined ? (startAfter ?? '') : readToken(token);
  const encode = encodingType === 'url' ? encodeKey : (text: string) => text;

  const items = itemsOf(bucket, prefix, delimiter).filter(({ name }) => after === '' || isBehind(name, after));
  const page = items.slice(0, maxKeys);
  const isTruncated = items.length > page.length && page.length > 0;
  const next = isTruncated ? page.at(-1)?.name : undefined;

  return xmlDocument('ListBucketResult', [
    element('Name', bucket.name),
    element('Prefix', encode(prefix)),
    ...optionalElement('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
    element('MaxKeys', maxKeys),
    ...optionalElement('EncodingType', encodingType),
    element('KeyCount', page.length),
    element('IsTruncated', isTruncated),
    ...optionalElement('ContinuationToken', token),
    ...optionalElement('NextContinuationToken', next === undefined ? undefined : writeToken(next)),
    ...optionalElement('StartAfter', startAfter === undefined ? undefined : encode(startAfter)),
    ...page.flatMap((item) => (item.kind === 'object' ? [describe(item.object, encode)] : [])),
    ...page.flatMap((item) =>
      item.kind === 'prefix' ? [element('CommonPrefixes', [element('Prefix', encode(item.name))])] : [],
    ),
  ]);
}

function itemsOf(bucket: Bucket, prefix: string, delimiter: string): readonly Item[] {
  const prefixes = new Set<string>();
  const items = [...bucket.objects.values()].flatMap((object): Item[] => {
    if (!object.key.startsWith(prefix)) return [];
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    if (end === -1) return [{ kind: 'object', name: object.key, object }];
    const name = object.key.slice(0, end + delimiter.length);
    if (prefixes.has(name)) return [];
    prefixes.add(name);
    return [{ kind: 'prefix', name }];
  });
  return items.toSorted((a, b) => compareUtf8(a.name, b.name));
}

const describe = (object: StoredObject, encode: (text: string) => string): Markup =>
  element('Contents', [
    element('Key', encode(object.key)),
    element('LastModified', toTimestamp(object.lastModified)),
    element('ETag', object.etag),
    element('ChecksumAlgorithm', object.checksum.header.replace('x-amz-checksum-', '').toUpperCase()),
    element('ChecksumType', 'FULL_OBJECT'),
    element('Size', object.body.length),
    element('StorageClass', 'STANDARD'),
  ]);

function readMaxKeys(text: string | null): number {
  if (text === null) return LARGEST_PAGE;
  if (!/^\d+$/.test(text))
    throw invalidArgument('max-keys', text, 'Provided max-keys not an integer or within integer range');
  return Math.min(Number(text), LARGEST_PAGE);
}

const writeToken = (name: string): string => Buffer.from(`after:${name}`).toString('base64');

function readToken(token: string): string {
  const [, name] = /^after:([\s\S]*)$/.exec(Buffer.from(token, 'base64').toString('utf8')) ?? [];
  if (name === undefined)
    throw invalidArgument('continuation-token', token, 'The continuation token provided is incorrect');
  return name;
}

/** A common prefix that a token names has been listed with all of its keys. */
const isBehind = (name: string, after: string): boolean => compareUtf8(name, after) > 0;

/** JavaScript compares UTF-16, which orders characters beyond U+FFFF differently. */
const compareUtf8 = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** As S3 encodes: spaces as plus signs, slashes kept. */
const encodeKey = (key: string): string => encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
