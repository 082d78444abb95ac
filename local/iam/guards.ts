import type { JsonObject, JsonService, RestRequest, RestService } from '../endpoint/service.ts';
import type { Need } from './needs/need.ts';
import type { Permissions } from './permissions.ts';

type Authorize = Pick<Permissions, 'authorize'>;

/** The service for those alone who are allowed what they ask; others get its AccessDenied. */
export function guardJsonService(
  service: JsonService,
  permissions: Authorize,
  needsOf: (operation: string, input: JsonObject) => readonly Need[],
): JsonService {
  return {
    ...service,
    async handle(operation, input, caller) {
      // the run's own user is not even asked: its requests may be the many of a test
      if (caller.kind !== 'user') permissions.authorize(caller, needsOf(operation, input));
      return service.handle(operation, input, caller);
    },
  };
}

/** As `guardJsonService`, for REST. */
export function guardRestService(
  service: RestService,
  permissions: Authorize,
  needsOf: (request: RestRequest) => readonly Need[],
): RestService {
  return {
    ...service,
    async handle(request, caller) {
      if (caller.kind !== 'user') permissions.authorize(caller, needsOf(request));
      return service.handle(request, caller);
    },
  };
}
