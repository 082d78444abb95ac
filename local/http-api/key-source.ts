import type { EngineClock } from '../clock.ts';
import { isObject, stringAt } from '../template/json.ts';
import type { JsonWebKey } from './jwt.ts';

/** Gets a JSON document; rejects when that fails. */
export type FetchJson = (url: string) => Promise<unknown>;

/** The issuer's key with an id; undefined when it has none such. Rejects when the issuer cannot be asked. */
export type KeySource = (keyId: string) => Promise<JsonWebKey | undefined>;

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html */
const KEYS_LIVE_MS = 2 * 60 * 60 * 1000;

/** Finds the keys by the issuer's OpenID configuration, and keeps them for two hours. */
export function createKeySource(issuer: string, fetchJson: FetchJson, clock: EngineClock): KeySource {
  let known: { readonly keys: Promise<readonly JsonWebKey[]>; readonly fetchedAt: number } | undefined;

  const fetchKeys = async (): Promise<readonly JsonWebKey[]> => {
    const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const keysUrl = stringAt(await fetchJson(address), 'jwks_uri');
    if (keysUrl === undefined) throw new TypeError(`${address} names no jwks_uri`);
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
