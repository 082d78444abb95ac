import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import { isObject, stringAt } from '../template/json.ts';
import type { JsonWebKey } from './jwt.ts';

/** Gets a JSON document; rejects when that fails. */
export type FetchJson = (url: string) => Promise<unknown>;

/** The issuer's key with an id; undefined when it has none such. Rejects when the issuer cannot be asked. */
export type KeySource = (keyId: string) => Promise<JsonWebKey | undefined>;

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html */
const KEYS_LIVE_MS = 2 * 60 * 60 * 1000;

const DISCOVERY = '/.well-known/openid-configuration';

/** Where the issuer's keys are, by its OpenID configuration. */
async function findKeys(issuer: string, fetchJson: FetchJson): Promise<string> {
  const address = discoveryOf(issuer);
  const keysUrl = stringAt(await fetchJson(address), 'jwks_uri');
  if (keysUrl === undefined) throw new TypeError(`${address} names no jwks_uri`);
  return keysUrl;
}

const discoveryOf = (issuer: string): string => `${issuer.replace(/\/$/, '')}${DISCOVERY}`;

/** A first request starts the issuer's function, which takes longer on a busy machine than API Gateway waits for an answer. */
const MOST_ASKED = 10;

/**
 * Asks the issuer for its configuration, as API Gateway does when an authorizer is created or changed.
 * @throws AwsError BadRequestException, as API Gateway words it, where the issuer does not answer or has none
 */
export async function assertIssuer(issuer: string, fetchJson: FetchJson): Promise<void> {
  for (let asked = 1; ; asked++) {
    try {
      await findKeys(issuer, fetchJson);
      return;
    } catch (cause) {
      const isLate = cause instanceof Error && cause.name === 'TimeoutError';
      if (isLate && asked < MOST_ASKED) continue;
      throw new AwsError(
        'BadRequestException',
        `Caught exception when connecting to ${discoveryOf(issuer)} for issuer ${issuer}. Please try again later. Error: Invalid issuer: ${issuer}. Issuer must have a valid discovery endpoint ended with '${DISCOVERY}'`,
      );
    }
  }
}

/** Finds the keys by the issuer's OpenID configuration, and keeps them for two hours. */
export function createKeySource(issuer: string, fetchJson: FetchJson, clock: EngineClock): KeySource {
  let known: { readonly keys: Promise<readonly JsonWebKey[]>; readonly fetchedAt: number } | undefined;

  const fetchKeys = async (): Promise<readonly JsonWebKey[]> => {
    const keysUrl = await findKeys(issuer, fetchJson);
    const set = await fetchJson(keysUrl);
    const keys = isObject(set) ? set['keys'] : undefined;
    if (!Array.isArray(keys)) throw new TypeError(`${keysUrl} holds no list of keys`);
    return keys.filter(isObject);
  };

  return async (keyId) => {
    if (known === undefined || clock.now() - known.fetchedAt > KEYS_LIVE_MS) {
      const keys = fetchKeys();
      const fetched = { keys, fetchedAt: clock.now() };
      known = fetched;
      // what failed is asked for anew
      keys.catch(() => {
        if (known === fetched) known = undefined;
      });
    }
    return (await known.keys).find(({ kid }) => kid === keyId);
  };
}
