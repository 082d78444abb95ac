/** Requests to these hosts do not leave the machine. */
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Describes the problem of an external system's base URL; undefined if it is valid. The text continues the system's
 * name and does not contain the URL, which may have a password.
 */
export function problemOfExternalUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be a URL like https://gateway.example.com';
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (username !== '' || password !== '') {
    return 'must not contain a user or a password, because they would appear in logs: send credentials as headers';
  }
  if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.has(hostname))) {
    return 'must begin with https://; http:// is allowed for localhost only';
  }
  return search === '' && hash === '' ? undefined : 'must not have a query or a fragment';
}
