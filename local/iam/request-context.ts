/** The values of a condition key in one request, by the key's lower-case name; undefined when the request has none. */
export type RequestContext = (key: string) => readonly string[] | undefined;

/** Condition keys that the run can give a value, in lower case. A policy that asks for another is refused. */
const SINGLE_VALUED_KEYS = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalisawsservice',
  'aws:principalservicename',
  'aws:principaltype',
  'aws:requestedregion',
  'aws:securetransport',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceip',
  'dynamodb:returnvalues',
  'dynamodb:select',
  'events:detail-type',
  'events:source',
  'iam:passedtoservice',
]);

const MULTIVALUED_KEYS = new Set(['dynamodb:leadingkeys']);

export const isMultivaluedKey = (key: string): boolean => MULTIVALUED_KEYS.has(key.toLowerCase());

/** One key per tag of the role that asks. */
export const PRINCIPAL_TAG_PREFIX = 'aws:principaltag/';

export const isKnownKey = (key: string): boolean =>
  SINGLE_VALUED_KEYS.has(key.toLowerCase()) ||
  key.toLowerCase().startsWith(PRINCIPAL_TAG_PREFIX) ||
  isMultivaluedKey(key);

export const knownKeys = (): readonly string[] =>
  [...SINGLE_VALUED_KEYS, `${PRINCIPAL_TAG_PREFIX}*`, ...MULTIVALUED_KEYS].sort();
