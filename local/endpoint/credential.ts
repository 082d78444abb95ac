import type { IncomingMessage } from 'node:http';

/** Who signed a request, for which service; empty texts where it does not say. */
export interface Credential {
  readonly accessKeyId: string;
  /** In the signature's credential scope: `sqs`. */
  readonly signingName: string;
  /** Whether it stands in the address, as in presigned ones, rather than in a header. */
  readonly isInAddress: boolean;
}

const SCOPE = /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\/aws4_request/;

/** `AWS4-HMAC-SHA256 Credential=<key id>/<date>/<region>/<service>/aws4_request, …`, or the same in a presigned address. */
export function readCredential({ headers, url = '' }: IncomingMessage): Credential {
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  const presigned = headers.authorization === undefined ? new URLSearchParams(query).get('X-Amz-Credential') : null;
  const text = presigned === null ? (headers.authorization ?? '') : `Credential=${presigned}`;
  const [, accessKeyId = '', signingName = ''] = SCOPE.exec(text) ?? [];
  return { accessKeyId, signingName, isInAddress: presigned !== null };
}
