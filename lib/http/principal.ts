import type { APIGatewayProxyEventV2, APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { isTenantId, ownMember, type Route } from '../definitions/index.ts';
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
