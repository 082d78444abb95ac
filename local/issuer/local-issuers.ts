import type { EngineClock } from '../clock.ts';
import type { Site, SiteRequest, SiteResponse } from '../endpoint/service.ts';
import { createSigningKeys, type SigningKeys } from './signing-keys.ts';
import { type AskedOfTokens, readTokenRequest } from './token-request.ts';

export interface LocalIssuersOptions {
  readonly clock: EngineClock;
  readonly endpointUrl: () => string;
  /** What the APIs of the run ask of access tokens, by issuer. */
  readonly asked: () => readonly AskedOfTokens[];
  /** Gets a document of an issuer of this machine. */
  readonly fetchJson: (url: string) => Promise<unknown>;
}

/** An issuer that the run stands in for. */
export interface ServedIssuer extends AskedOfTokens {
  /** Where it answers: `<endpoint>/_issuers/auth.example.com`. */
  readonly url: string;
}

/** Stands in for the issuers of access tokens that are not on this machine. */
export interface LocalIssuers {
  readonly site: Site;
  served(): readonly ServedIssuer[];
  /** Answers for the configuration and keys of the issuers that it stands in for. */
  fetchJson(url: string): Promise<unknown>;
}

const PATH_PREFIX = '/_issuers/';
const DISCOVERY = '/.well-known/openid-configuration';

export function createLocalIssuers({ clock, endpointUrl, asked, fetchJson }: LocalIssuersOptions): LocalIssuers {
  const keysByIssuer = new Map<string, SigningKeys>();

  const keysOf = (issuer: string): SigningKeys => {
    const keys = keysByIssuer.get(issuer) ?? createSigningKeys();
    keysByIssuer.set(issuer, keys);
    return keys;
  };

  const served = (): readonly ServedIssuer[] =>
    asked()
      .filter(({ issuer }) => !isOfThisMachine(issuer))
      .map((each) => ({ ...each, url: `${endpointUrl()}${PATH_PREFIX}${nameOf(each.issuer)}` }));

  const discoveryOf = ({ issuer, url, scopes }: ServedIssuer) => ({
    issuer,
    jwks_uri: `${url}/jwks`,
    token_endpoint: `${url}/token`,
    scopes_supported: scopes,
    response_types_supported: ['token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  });

  const token = async (issuer: ServedIssuer, { headers, body }: SiteRequest): Promise<SiteResponse> => {
    const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
    if (body.length > 0 && !type.startsWith('application/x-www-form-urlencoded')) {
      return refused(`send a form (application/x-www-form-urlencoded), as curl -d does, got '${type}'`);
    }
    const request = readTokenRequest(new URLSearchParams(body.toString('utf8')), issuer, clock.now() / 1000);
    if (request.problem !== undefined) return refused(request.problem);
    return json(200, {
      access_token: await keysOf(issuer.issuer).sign(request.claims),
      token_type: 'Bearer',
      expires_in: request.lifetimeSeconds,
      scope: request.claims['scope'],
    });
  };

  const answer = async (request: SiteRequest): Promise<SiteResponse> => {
    // the name of one issuer may be the beginning of another's
    const [issuer] = served()
      .filter(({ issuer: each }) => request.rawPath.startsWith(`/${nameOf(each)}/`))
      .toSorted((one, other) => other.issuer.length - one.issuer.length);
    if (issuer === undefined) {
      const names = served().map(({ url }) => url);
      return json(404, { message: `this run stands in for ${names.length === 0 ? 'no issuer' : names.join(', ')}` });
    }
    const path = request.rawPath.slice(nameOf(issuer.issuer).length + 1);
    switch (`${request.method} ${path}`) {
      case `GET ${DISCOVERY}`:
        return json(200, discoveryOf(issuer));
      case 'GET /jwks':
        return json(200, { keys: await keysOf(issuer.issuer).published() });
      case 'POST /token':
        return token(issuer, request);
      case 'POST /rotate':
        return json(200, { kid: await keysOf(issuer.issuer).rotate() });
      default:
        return json(404, { message: `there is GET ${DISCOVERY}, GET /jwks, POST /token and POST /rotate` });
    }
  };

  return {
    site: { pathPrefix: PATH_PREFIX, admitsPagesOf: () => false, handle: answer },
    served,
    async fetchJson(url) {
      const issuer = served().find(
        (each) => url === `${each.issuer.replace(/\/$/, '')}${DISCOVERY}` || url === `${each.url}/jwks`,
      );
      if (issuer === undefined) return fetchJson(url);
      return url.endsWith('/jwks') ? { keys: await keysOf(issuer.issuer).published() } : discoveryOf(issuer);
    },
  };
}

/** Host and path of an issuer, as a path of the endpoint. */
const nameOf = (issuer: string): string => {
  const { host, pathname } = new URL(issuer);
  return `${host}${pathname}`.replace(/\/+$/, '');
};

const isOfThisMachine = (issuer: string): boolean =>
  !URL.canParse(issuer) || ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(issuer).hostname);

const json = (statusCode: number, body: object): SiteResponse => ({
  statusCode,
  headers: [
    ['content-type', 'application/json'],
    ['cache-control', 'no-store'],
  ],
  body: `${JSON.stringify(body)}\n`,
});

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
const refused = (problem: string): SiteResponse => json(400, { error: 'invalid_request', error_description: problem });
