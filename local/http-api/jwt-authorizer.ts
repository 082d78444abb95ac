import type { EngineClock } from '../clock.ts';
import type { JsonObject, SiteRequest } from '../endpoint/service.ts';
import { headerOf } from './headers.ts';
import { isSignedBy, parseJwt } from './jwt.ts';
import { createKeySource, type FetchJson } from './key-source.ts';

export interface JwtAuthorizerSettings {
  /** `$request.header.<name>` or `$request.querystring.<name>`. */
  readonly identitySource: string;
  readonly issuer: string;
  readonly audience: readonly string[];
}

/** What the function hears of the token. */
export interface VerifiedToken {
  /** Every claim as text. */
  readonly claims: Readonly<Record<string, string>>;
  /** Null on a route that asks for none. */
  readonly scopes: readonly string[] | null;
}

type Verdict =
  | { readonly kind: 'allowed'; readonly token: VerifiedToken }
  | { readonly kind: 'unauthorized'; readonly reason: string }
  | { readonly kind: 'forbidden'; readonly reason: string };

export interface JwtAuthorizer {
  /** @param scopes of which the token needs one; none asks for a valid token only. */
  authorize(request: SiteRequest, scopes: readonly string[]): Promise<Verdict>;
}

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html */
export function createJwtAuthorizer(
  { identitySource, issuer, audience }: JwtAuthorizerSettings,
  { fetchJson, clock }: { readonly fetchJson: FetchJson; readonly clock: EngineClock },
): JwtAuthorizer {
  const keyOf = createKeySource(issuer, fetchJson, clock);

  const problemOf = async (text: string | undefined): Promise<JsonObject | string> => {
    if (text === undefined) return `there is no token in ${identitySource}`;
    const jwt = parseJwt(text.replace(/^Bearer /i, ''));
    if (jwt === undefined) return 'the token is no signed JSON web token';
    if (jwt.keyId === undefined) return 'the token names no key (kid)';
    const key = await keyOf(jwt.keyId);
    if (key === undefined) return `the issuer has no key '${jwt.keyId}'`;
    if (!isSignedBy(jwt, key))
      return `the signature (${jwt.algorithm}) is not that of key '${jwt.keyId}'; RS256 to RS512 are allowed`;
    const problem = problemOfClaims(jwt.claims, { issuer, audience, nowSeconds: clock.now() / 1000 });
    return problem ?? jwt.claims;
  };

  return {
    async authorize(request, scopes) {
      const found = await problemOf(readIdentity(request, identitySource)).catch(
        (error: unknown) => `the keys of ${issuer} cannot be had: ${String(error)}`,
      );
      if (typeof found === 'string') return { kind: 'unauthorized', reason: found };
      const granted = scopesOf(found);
      if (scopes.length > 0 && !scopes.some((scope) => granted.includes(scope))) {
        return { kind: 'forbidden', reason: `the token has none of the scopes ${scopes.join(', ')}` };
      }
      const claims = Object.fromEntries(Object.entries(found).map(([name, value]) => [name, asText(value)]));
      return {
        kind: 'allowed',
        token: { claims, scopes: scopes.length === 0 ? null : scopes.filter((scope) => granted.includes(scope)) },
      };
    },
  };
}

function problemOfClaims(
  claims: JsonObject,
  expected: { readonly issuer: string; readonly audience: readonly string[]; readonly nowSeconds: number },
): string | undefined {
  const { iss, exp, nbf, iat } = claims;
  const { issuer, audience, nowSeconds } = expected;
  if (iss !== issuer) return `its issuer is '${String(iss)}', expected '${issuer}'`;
  const named = listOf(claims['aud'] ?? claims['client_id']);
  if (!named.some((name) => audience.includes(name))) {
    return `its audience is '${named.join(', ')}', expected one of ${audience.join(', ')}`;
  }
  if (typeof exp !== 'number' || exp <= nowSeconds) return 'it has expired';
  if (typeof nbf === 'number' && nbf > nowSeconds) return 'it is not valid yet';
  if (typeof iat === 'number' && iat > nowSeconds) return 'it was issued in the future';
  return undefined;
}

function readIdentity({ headers, rawQuery }: SiteRequest, identitySource: string): string | undefined {
  const [, kind, name = ''] = /^\$request\.(header|querystring)\.(.+)$/.exec(identitySource) ?? [];
  if (kind === 'header') return headerOf(headers, name.toLowerCase());
  return new URLSearchParams(rawQuery).get(name) ?? undefined;
}

const scopesOf = ({ scope, scp }: JsonObject): readonly string[] =>
  listOf(scope ?? scp).flatMap((text) => text.split(' '));

const listOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');

/** As API Gateway writes claims: `1795154400`, `[admins readers]`. */
function asText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asText).join(' ')}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
