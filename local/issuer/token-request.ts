import type { JsonObject } from '../endpoint/service.ts';

/** What is asked of an issuer's access tokens by the APIs of the run. */
export interface AskedOfTokens {
  /** Exactly as APIs compare it. */
  readonly issuer: string;
  readonly audience: readonly string[];
  /** Of all routes. */
  readonly scopes: readonly string[];
}

/** The claims of a token, or why there is none. */
export type TokenRequest =
  | { readonly claims: JsonObject; readonly lifetimeSeconds: number; readonly problem?: undefined }
  | { readonly problem: string };

const DEFAULT_LIFETIME_SECONDS = 3600;
const LONGEST_LIFETIME_SECONDS = 86_400;
/** Set by the issuer itself. */
const OWN_CLAIMS = ['iss', 'iat', 'exp'];
const CLAIM_NAME = /^[\w:./-]{1,100}$/;

/**
 * Reads the parameters of a token request: `sub`, `scope`, `aud` and `expires_in`. Every other parameter is a claim, a list if
 * it is repeated.
 * @param nowSeconds of the run's clock
 */
export function readTokenRequest(form: URLSearchParams, asked: AskedOfTokens, nowSeconds: number): TokenRequest {
  const given = Object.fromEntries([...new Set(form.keys())].map((name) => [name, form.getAll(name)]));
  const { expires_in: [lifetime = String(DEFAULT_LIFETIME_SECONDS)] = [], ...named } = given;
  const own = OWN_CLAIMS.filter((name) => named[name] !== undefined);
  if (own.length > 0)
    return { problem: `'${own.join("', '")}' cannot be chosen; expires_in=<seconds> sets the lifetime` };
  const wrong = Object.keys(named).filter((name) => !CLAIM_NAME.test(name));
  if (wrong.length > 0) {
    return { problem: `a claim must have a name of letters, digits and '_:./-', got '${wrong.join("', '")}'` };
  }
  const lifetimeSeconds = Number(lifetime);
  if (!/^-?\d+$/.test(lifetime) || Math.abs(lifetimeSeconds) > LONGEST_LIFETIME_SECONDS) {
    return {
      problem: `expires_in must be whole seconds from -${LONGEST_LIFETIME_SECONDS} to ${LONGEST_LIFETIME_SECONDS}, got '${lifetime}'`,
    };
  }
  const claims = Object.fromEntries(
    Object.entries(named).map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  );
  const issuedAt = Math.floor(nowSeconds);
  return {
    lifetimeSeconds,
    claims: {
      sub: 'local-user',
      client_id: 'local',
      aud: asked.audience[0] ?? 'local',
      scope: asked.scopes.join(' '),
      ...claims,
      iss: asked.issuer,
      // a token that has expired was issued before
      iat: Math.min(issuedAt, issuedAt + lifetimeSeconds - 1),
      exp: issuedAt + lifetimeSeconds,
    },
  };
}
