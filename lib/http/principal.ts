import type { APIGatewayProxyEventV2, APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { type ApiDefinition, isTenantId, ownMember, type Route } from '../definitions/index.ts';
import { type EventPrincipal, isPrincipalId } from '../event/index.ts';
import { problem } from './problem.ts';

/** Who calls, as the access token says. */
export interface Principal {
  /** The token's `sub`: stable and unique per issuer. */
  readonly subject: string;
  readonly scopes: readonly string[];
  /** The tenant of the token's tenant claim; undefined if it has none. */
  readonly tenantId: string | undefined;
  /** All claims, as texts: lists are written `[a b]`. */
  readonly claims: Readonly<Record<string, string>>;
}

/** An event of API Gateway, payload format 2.0, with or without an authorizer. */
export type ApiEvent = APIGatewayProxyEventV2 | APIGatewayProxyEventV2WithJWTAuthorizer;

/**
 * Reads the caller of a route from the claims that API Gateway's authorizer has verified. The scopes are compared again,
 * so that an integration without its authorizer does not open a route.
 * @returns undefined for a public route
 * @throws ProblemError `TOKEN_MISSING`, `SCOPE_MISSING`, or `TENANT_MISSING` for a tenant claim that is no tenant id
 */
export function readPrincipal(route: Route, event: ApiEvent, tenantClaim: string): Principal | undefined {
  if (route.scopes === 'public') return undefined;
  const claims = claimsOf(event);
  const subject = claims === undefined ? undefined : ownMember(claims, 'sub');
  if (claims === undefined || subject === undefined || subject === '') throw problem('TOKEN_MISSING');
  const scopes = listOf(ownMember(claims, 'scope') ?? ownMember(claims, 'scp') ?? '');
  if (!route.scopes.some((scope) => scopes.includes(scope))) throw problem('SCOPE_MISSING');
  const tenant = ownMember(claims, tenantClaim);
  if (tenant !== undefined && tenant !== '' && !isTenantId(tenant)) throw problem('TENANT_MISSING');
  return { subject, scopes, tenantId: tenant === '' ? undefined : tenant, claims };
}

/**
 * The principal that the events of a request name.
 * @returns undefined for a public route, and where the API says `principal: 'omitted'`
 * @throws ProblemError `TOKEN_SUBJECT_INVALID` for a subject that no event can carry
 */
export function eventPrincipalOf(api: ApiDefinition, principal: Principal | undefined): EventPrincipal | undefined {
  if (principal === undefined || api.principal === 'omitted') return undefined;
  const { subject: id, claims } = principal;
  if (!isPrincipalId(id)) {
    throw problem('TOKEN_SUBJECT_INVALID', {
      detail: "'sub' must have 1 to 255 characters, none of them a control character",
    });
  }
  return { type: isOfClient(id, claims) ? 'service_account' : 'app_user', id };
}

/**
 * Whether a client acts for itself: then its token's subject is the client. Auth0 says it by `gty`.
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-2.2
 */
const isOfClient = (subject: string, claims: Principal['claims']): boolean =>
  ['client_id', 'azp'].some((name) => ownMember(claims, name) === subject) ||
  ownMember(claims, 'gty') === 'client-credentials';

function claimsOf({ requestContext }: ApiEvent): Readonly<Record<string, string>> | undefined {
  if (!('authorizer' in requestContext)) return undefined;
  const { authorizer } = requestContext;
  const claims: Readonly<Record<string, unknown>> | undefined = authorizer?.jwt?.claims;
  return claims && Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, String(value)]));
}

/** `a b`, and lists as API Gateway writes them: `[a b]`. */
const listOf = (text: string): readonly string[] =>
  text
    .replace(/^\[(.*)\]$/s, '$1')
    .split(' ')
    .filter((scope) => scope !== '');
