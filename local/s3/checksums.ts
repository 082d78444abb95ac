import { createHash } from 'node:crypto';
import { ownMember } from '../../lib/definitions/index.ts';
import { crc32, crc32c, crc64nvme } from './crc.ts';
import { badDigest, invalidRequest } from './errors.ts';

/** One of the checksums that S3 keeps with an object. */
export interface Checksum {
  /** `x-amz-checksum-crc32` and its like. */
  readonly header: string;
  /** Base64. */
  readonly value: string;
}

const ALGORITHMS: Readonly<Record<string, (data: Uint8Array) => Buffer>> = {
  'x-amz-checksum-crc32': crc32,
  'x-amz-checksum-crc32c': crc32c,
  'x-amz-checksum-crc64nvme': crc64nvme,
  'x-amz-checksum-sha1': (data) => createHash('sha1').update(data).digest(),
  'x-amz-checksum-sha256': (data) => createHash('sha256').update(data).digest(),
};

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * Compares the body with every digest that came along, in headers or trailers.
 * @returns the checksum to keep: the one sent, or the CRC64NVME that S3 works out where none is.
 * @throws AwsError BadDigest, InvalidRequest
 */
export function verifyChecksums(body: Uint8Array, headers: Headers): Checksum {
  const md5 = headers['content-md5'];
  if (md5 !== undefined && createHash('md5').update(body).digest('base64') !== md5) throw badDigest('Content-MD5');
  const sent = Object.keys(ALGORITHMS).flatMap((header) => {
    const value = headers[header];
    return value === undefined ? [] : [{ header, value }];
  });
  if (sent.length > 1)
    throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  for (const { header, value } of sent)
    if (digestOf(header, body) !== value) throw badDigest(header.replace('x-amz-checksum-', '').toUpperCase());
  return sent[0] ?? { header: 'x-amz-checksum-crc64nvme', value: digestOf('x-amz-checksum-crc64nvme', body) };
}

const digestOf = (header: string, body: Uint8Array): string =>
  ownMember(ALGORITHMS, header)?.(body).toString('base64') ?? '';
