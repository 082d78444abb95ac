import type { CloudEvent } from '../definitions/index.ts';

/** The values of `authtype` that CloudEvents defines. */
export type PrincipalType =
  | 'app_user'
  | 'user'
  | 'service_account'
  | 'api_key'
  | 'system'
  | 'unauthenticated'
  | 'unknown';

/**
 * Who caused an event, by CloudEvents' Auth Context extension. It informs and proves nothing: what a consumer may do does
 * not depend on it.
 * @see https://github.com/cloudevents/spec/blob/main/cloudevents/extensions/authcontext.md
 */
export interface EventPrincipal {
  /** Other values than those of CloudEvents are allowed. */
  readonly type: PrincipalType | (string & Record<never, never>);
  /** A pseudonymous id, such as a token's `sub`: events are kept for months. @default - not known */
  readonly id?: string;
}

/** As long as a subject of OpenID Connect. @see https://openid.net/specs/openid-connect-core-1_0.html#IDToken */
const LONGEST_ID = 255;
const LONGEST_TYPE = 64;

const isText = (value: unknown, longest: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= longest && !/[\p{Cc}\p{Cs}]/u.test(value);

/** Whether an event can carry the id. */
export const isPrincipalId = (id: unknown): id is string => isText(id, LONGEST_ID);

/** What is wrong with a principal, without its values: an id may be personal data. */
export const principalViolations = ({ type, id }: EventPrincipal) => [
  ...(isText(type, LONGEST_TYPE) ? [] : [{ path: 'authtype', message: textRule(LONGEST_TYPE) }]),
  ...(id === undefined || isPrincipalId(id) ? [] : [{ path: 'authid', message: textRule(LONGEST_ID) }]),
];

const textRule = (longest: number) =>
  `expected a text of 1 to ${longest} characters without control characters, got another value`;

export const principalAttributes = ({ type, id }: EventPrincipal): Pick<CloudEvent, 'authtype' | 'authid'> => ({
  authtype: type,
  ...(id === undefined ? {} : { authid: id }),
});

/** The principal of a received event; undefined if it names none, or none that could be carried on. */
export function principalOf({ authtype, authid }: Pick<CloudEvent, 'authtype' | 'authid'>): EventPrincipal | undefined {
  if (!isText(authtype, LONGEST_TYPE)) return undefined;
  return { type: authtype, ...(isPrincipalId(authid) ? { id: authid } : {}) };
}
