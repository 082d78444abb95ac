import { keyProblem } from '../../lib/testing/dynamodb/key-rules.ts';
import { keyTypeOf, type TableSchema } from '../../lib/testing/dynamodb/schema.ts';
import { invalid, type RangeRequest, type ReadPlan, type Source, sourceOf, tableKeyOf } from './range-request.ts';
import { indexKey, itemKey, keyPieceProblem } from './request-rules.ts';
import { checkProjection } from './selection.ts';
import type { KeyRange } from './sorted-map.ts';

/** Keys start with three hexadecimal digits of a hash that segments share out. */
const SHARED_HASHES = 4096;

/** Where a Scan reads. @throws AwsError `ValidationException` */
export function planScan(schema: TableSchema, request: RangeRequest): ReadPlan {
  const source = sourceOf(schema, request);
  const start = startOf(source, request);
  const segment = segmentOf(request);
  if (start !== undefined && segment !== undefined && !isInside(segment, start)) {
    throw invalid(
      `The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: ${request.TotalSegments} Segment: ${request.Segment}`,
    );
  }
  checkProjection(source, request);
  return {
    source,
    range: start === undefined ? (segment ?? {}) : { ...(segment?.lt && { lt: segment.lt }), gt: start },
  };
}

function startOf({ schema, keySchema, keyNames }: Source, request: RangeRequest): string | undefined {
  const { ExclusiveStartKey: startKey, IndexName } = request;
  if (startKey === undefined) return undefined;
  if (Object.keys(startKey).length !== keyNames.length) {
    const reason = IndexName === undefined ? ': The provided key element does not match the schema' : '';
    throw invalid(`The provided starting key is invalid${reason}`);
  }
  for (const { AttributeName, KeyType } of IndexName === undefined ? [] : keySchema) {
    if (!Object.hasOwn(startKey, AttributeName)) throw invalid('The provided starting key is invalid');
    const type = keyTypeOf(schema, AttributeName) ?? 'S';
    const problem = keyPieceProblem(startKey, AttributeName, type, KeyType === 'HASH');
    if (problem !== undefined) throw invalid(problem);
  }
  const problem = keyProblem(tableKeyOf(startKey, schema), schema);
  if (problem !== undefined) throw invalid(`The provided starting key is invalid: ${problem}`);
  return IndexName === undefined ? itemKey(startKey, schema) : indexKey(startKey, schema, keySchema);
}

/** @throws AwsError `ValidationException` */
function segmentOf({ Segment = 0, TotalSegments = 1 }: RangeRequest): KeyRange | undefined {
  if (TotalSegments === 1) return undefined;
  const boundary = (segment: number) =>
    Math.ceil((SHARED_HASHES * segment) / TotalSegments)
      .toString(16)
      .padStart(3, '0');
  const from = Segment === 0 ? {} : { gte: boundary(Segment) };
  return Segment + 1 === TotalSegments ? from : { ...from, lt: boundary(Segment + 1) };
}

const isInside = ({ gte = '', lt = '~' }: KeyRange, key: string): boolean => key >= gte && key < lt;
