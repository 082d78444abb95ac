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
  /** `told` is what the caller reads of it; undefined if there is no token. */
  | { readonly kind: 'unauthorized'; readonly reason: string; readonly told: string | undefined }
  | { readonly kind: 'forbidden'; readonly reason: string };

export interface JwtAuthorizer extends Pick<JwtAuthorizerSettings, 'issuer' | 'audience'> {
  /** @param scopes of which the token needs one; none asks for a valid token only. */
  authorize(request: SiteRequest, scopes: readonly string[]): Promise<Verdict>;
}

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html */
export function createJwtAuthorizer(
  { identitySource, issuer, audience }: JwtAuthorizerSettings,
  { fetchJson, clock }: { readonly fetchJson: FetchJson; readonly clock: EngineClock },
): JwtAuthorizer {
  const keyOf = createKeySource(issuer, fetchJson, clock);

  const verify = async (text: string): Promise<JsonObject | TokenProblem> => {
    const jwt = parseJwt(text.replace(/^Bearer /i, ''));
    if (jwt === undefined) return new TokenProblem('the token is no signed JSON web token', 'the token is malformed');
    if (jwt.keyId === undefined) return new TokenProblem('the token names no key (kid)', 'the token has no key id');
    const key = await keyOf(jwt.keyId);
    if (key === undefined) {
      return new TokenProblem(`the issuer has no key '${jwt.keyId}'`, 'the key of the token is unknown');
    }
    if (!isSignedBy(jwt, key)) {
      return new TokenProblem(
        `the signature (${jwt.algorithm}) is not that of key '${jwt.keyId}'; RS256 to RS512 are allowed`,
        'the token does not have a valid signature',
      );
    }
    return problemOfClaims(jwt.claims, { issuer, audience, nowSeconds: clock.now() / 1000 }) ?? jwt.claims;
  };

  return {
    issuer,
    audience,
    async authorize(request, scopes) {
      const text = readIdentity(request, identitySource);
      if (text === undefined) {
        return { kind: 'unauthorized', reason: `there is no token in ${identitySource}`, told: undefined };
      }
      const found = await verify(text).catch(
        (error: unknown) =>
          new TokenProblem(
            `the keys of ${issuer} cannot be had: ${String(error)}`,
            'the keys of the issuer cannot be had',
          ),
      );
      if (found instanceof TokenProblem) return { kind: 'unauthorized', reason: found.reason, told: found.told };
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

/** Why a token is refused: for the run's log, and for the caller. */
class TokenProblem {
  readonly reason: string;
  readonly told: string;

  constructor(reason: string, told: string) {
    this.reason = reason;
    this.told = told;
  }
}

/** The caller's text about the audience is AWS's own; those for which AWS publishes none are made alike. */
function problemOfClaims(
  claims: JsonObject,
  expected: { readonly issuer: string; readonly audience: readonly string[]; readonly nowSeconds: number },
): TokenProblem | undefined {
  const { iss, exp, nbf, iat } = claims;
  const { issuer, audience, nowSeconds } = expected;
  if (iss !== issuer) {
    return new TokenProblem(
      `its issuer is '${String(iss)}', expected '${issuer}'`,
      'the token does not have a valid issuer',
    );
  }
  const named = listOf(claims['aud'] ?? claims['client_id']);
  if (!named.some((name) => audience.includes(name))) {
    return new TokenProblem(
      `its audience is '${named.join(', ')}', expected one of ${audience.join(', ')}`,
      'the token does not have a valid audience',
    );
  }
  if (typeof exp !== 'number' || exp <= nowSeconds) return new TokenProblem('it has expired', 'the token has expired');
  if (typeof nbf === 'number' && nbf > nowSeconds) {
    return new TokenProblem('it is not valid yet', 'the token is not valid yet');
  }
  if (typeof iat === 'number' && iat > nowSeconds) {
    return new TokenProblem('it was issued in the future', 'the token was issued in the future');
  }
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
