/** Who a client says it is. */
export type ClientCredentials =
  | { readonly kind: 'given'; readonly id: string; readonly secret: string }
  /** @property detail for the caller, without what was sent */
  | { readonly kind: 'invalid'; readonly detail: string };

/** In the body of a request; a parameter without a value is one that is left out. */
interface BodyCredentials {
  readonly client_id?: string | undefined;
  readonly client_secret?: string | undefined;
}

/**
 * Reads the credentials of a client from the header Authorization (Basic) or from the body, which must not both have a secret.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
 */
export function readClientCredentials(
  authorization: string | undefined,
  { client_id: id = '', client_secret: secret = '' }: BodyCredentials,
): ClientCredentials {
  if (authorization === undefined) {
    return id !== '' && secret !== ''
      ? { kind: 'given', id, secret }
      : invalid('send client_id and client_secret in the body, or both by HTTP Basic in the header Authorization');
  }
  const basic = readBasic(authorization);
  if (basic === undefined) {
    return invalid('the header Authorization must be Basic with base64 of client_id:client_secret, both form-encoded');
  }
  if (secret !== '') return invalid('send the secret in the header Authorization or in the body, and not in both');
  if (id !== '' && id !== basic.id) return invalid('client_id of the body is not that of the header Authorization');
  return basic;
}

const invalid = (detail: string): ClientCredentials => ({ kind: 'invalid', detail });

function readBasic(header: string): Extract<ClientCredentials, { kind: 'given' }> | undefined {
  const [, encoded = ''] = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header) ?? [];
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const end = text.indexOf(':');
  if (end < 1) return undefined;
  const [id, secret] = [decodeForm(text.slice(0, end)), decodeForm(text.slice(end + 1))];
  return id === undefined || secret === undefined || secret === '' ? undefined : { kind: 'given', id, secret };
}

/** Undefined for what no form has. */
function decodeForm(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
