import { attributeNames } from '../../lib/testing/dynamodb/schema.ts';
import { invalid, type RangeRequest, type Source } from './range-request.ts';
import { pathProblem } from './request-rules.ts';

const INVALID = 'One or more parameter values were invalid: ';

/** Before a table is looked up. @throws AwsError `ValidationException` */
export function checkSelect({ Select, IndexName, AttributesToGet, _projection }: RangeRequest): void {
  const asked = AttributesToGet !== undefined ? 'AttributesToGet' : _projection && 'ProjectionExpression';
  if (Select === 'ALL_PROJECTED_ATTRIBUTES' && IndexName === undefined) {
    throw invalid('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
  }
  if (Select === 'SPECIFIC_ATTRIBUTES' && asked === undefined) {
    throw invalid('Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES');
  }
  if (asked === undefined || Select === undefined || Select === 'SPECIFIC_ATTRIBUTES') return;
  const wanted = Select === 'COUNT' ? 'only the Count' : Select;
  throw invalid(`Cannot specify the ${asked} when choosing to get ${wanted}`);
}

/** Top-level attributes that the answer is made of; undefined for all that there are. */
const wantedNames = ({ AttributesToGet, _projection }: RangeRequest): readonly string[] | undefined =>
  AttributesToGet ?? _projection?.paths.map(([head]) => String(head));

/** @throws AwsError `ValidationException` when the request asks an index for what it does not have */
export function checkProjection({ index, schema }: Source, request: RangeRequest): void {
  const problem =
    pathProblem(request._projection?.nestedPaths, schema) ?? pathProblem(request._filter?.nestedPaths, schema);
  if (problem !== undefined) throw invalid(problem);
  if (index === undefined || index.isLocal) return;
  const { IndexName } = index;
  if (request.Select === 'ALL_ATTRIBUTES' && index.Projection.ProjectionType !== 'ALL') {
    throw invalid(
      `${INVALID}Select type ALL_ATTRIBUTES is not supported for global secondary index ${IndexName} because its projection type is not ALL`,
    );
  }
  const missing = notProjected({ index, schema }, wantedNames(request) ?? []);
  if (missing.length > 0) {
    throw invalid(`${INVALID}Global secondary index ${IndexName} does not project [${missing.join(', ')}]`);
  }
  const unfiltered = notProjected({ index, schema }, Object.keys(request._filter?.pathHeads ?? {}));
  if (unfiltered.length > 0) {
    throw invalid(
      `${INVALID}Secondary index ${IndexName} does not project one or more filter attributes: [${unfiltered.join(', ')}]`,
    );
  }
}

/** Whether a local index has to read the items themselves. */
export function readsWholeItems({ index, schema }: Source, request: RangeRequest): boolean {
  if (index?.isLocal !== true || index.Projection.ProjectionType === 'ALL') return false;
  return request.Select === 'ALL_ATTRIBUTES' || notProjected({ index, schema }, wantedNames(request) ?? []).length > 0;
}

function notProjected({ index, schema }: Pick<Source, 'index' | 'schema'>, names: readonly string[]): string[] {
  if (index === undefined || index.Projection.ProjectionType === 'ALL') return [];
  const projected = new Set([
    ...attributeNames(schema.KeySchema),
    ...attributeNames(index.KeySchema),
    ...(index.Projection.NonKeyAttributes ?? []),
  ]);
  return [...new Set(names)].filter((name) => !projected.has(name));
}
