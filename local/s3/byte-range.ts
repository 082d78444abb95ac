import { AwsError } from '../endpoint/aws-error.ts';

/** First and last byte, both included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/**
 * Reads `bytes=0-9`, `bytes=10-` and `bytes=-5`; undefined for no range or one that S3 passes over, like a list.
 * @throws AwsError InvalidRange when it begins behind the end.
 */
export function readRange(header: string | undefined, size: number): ByteRange | undefined {
  const [matched, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (matched === undefined || (from === '' && to === '')) return undefined;
  const first = from === '' ? Math.max(size - Number(to), 0) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  if (first < size && last >= first) return { first, last };
  throw new AwsError('InvalidRange', 'The requested range is not satisfiable', {
    statusCode: 416,
    fields: { ActualObjectSize: String(size), RangeRequested: header ?? '' },
  });
}
