import type { ApiDefinition } from '../definitions/index.ts';
import { type ApiHandler, type ApiHandlers, createApiHandler } from '../http/index.ts';
import { type ApiRuntime, createApiRuntime } from './api-runtime.ts';
import { type TenantsOptions, tenantsOf } from './tenants.ts';

/**
 * Creates the Lambda handler of an API. Clients and adapters are built once per container, from the variables that the
 * HttpEdge construct sets.
 *
 * @param handlers one handler per route, or a function that makes them from the runtime: tables, clock, logger
 *
 * @example
 * export const handler = api(ordersApi, ({ table }) => {
 *   const orders = table(ORDERS_TABLE, name, orderSchema.parse);
 *   return {
 *     'POST /orders': ({ body }, { tx }) => {
 *       const orderId = newId();
 *       orders.put(tx, { orderId, ...body });
 *       tx.publish(OrderPlaced, { orderId });
 *       return { status: 202, body: { orderId } };
 *     },
 *   };
 * });
 *
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE` if the function does not belong to an HttpEdge
 * @throws ApiHandlersError `API_HANDLERS_INVALID` if a route has no handler, or a handler has no route
 * @throws ApiWiringError `API_WIRING` if the construct has another API
 */
export function api<const Api extends ApiDefinition>(
  definition: Api,
  handlers: NoInfer<ApiHandlers<Api>> | ((runtime: ApiRuntime) => NoInfer<ApiHandlers<Api>>),
  options: TenantsOptions = {},
): ApiHandler {
  const runtime = createApiRuntime(definition, process.env);
  const own = typeof handlers === 'function' ? handlers(runtime) : handlers;
  return createApiHandler<Api>(definition, own, { ...runtime, ...tenantsOf(options, runtime) });
}
