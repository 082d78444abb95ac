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
      permissions.authorize(caller, needsOf(operation, input));
      return service.handle(operation, input, caller);
    },
  };
}

/**
 * As `guardJsonService`, for a service whose resources have no policies in the run: nothing could deny the run's own user
 * anything, so it is not even asked. Its requests may be the many of a test.
 */
export function guardUnlessUser(...[service, permissions, needsOf]: Parameters<typeof guardJsonService>): JsonService {
  const guarded = guardJsonService(service, permissions, needsOf);
  return {
    ...service,
    handle: (operation, input, caller) => (caller.kind === 'user' ? service : guarded).handle(operation, input, caller),
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
      permissions.authorize(caller, needsOf(request));
      return service.handle(request, caller);
    },
  };
}
