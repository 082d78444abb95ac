/** Nothing that is sent there leaves the machine. */
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * What is wrong with the base URL of an external system, as what goes on after its name; undefined: nothing. It does not
 * repeat the URL, which may hold a password.
 */
export function problemOfExternalUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be a URL like https://gateway.example.com';
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (username !== '' || password !== '') {
    return 'must not hold a user or a password: logs would show them; send credentials as headers';
  }
  if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.has(hostname))) {
    return 'must begin with https://; http:// is for systems on this machine, such as those of the local run';
  }
  return search === '' && hash === '' ? undefined : 'must end with its path: a query or a fragment would be lost';
}
