import type { JsonObject } from '../../../local/endpoint/service.ts';
import { toList } from '../../../local/template/json.ts';

/** A statement without `action` on the resources meant: it keeps its other actions on all, and `action` on the others. */
export function lessOneGrant(
  statement: JsonObject,
  action: string,
  isMeant: (resource: unknown) => boolean,
): readonly JsonObject[] {
  const otherActions = toList(statement['Action']).filter((name) => name !== action);
  const otherResources = toList(statement['Resource']).filter((resource) => !isMeant(resource));
  return [
    ...(otherActions.length === 0 ? [] : [{ ...statement, Action: otherActions }]),
    ...(otherResources.length === 0 ? [] : [{ ...statement, Action: action, Resource: otherResources }]),
  ];
}
