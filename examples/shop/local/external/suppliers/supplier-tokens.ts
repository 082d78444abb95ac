import type { EngineClock } from '../../../../../local/clock.ts';
import { type ForeignReply, foreignError, textOf } from '../foreign-system.ts';

/** Access tokens of a supplier, and refresh tokens that work once. */
export interface SupplierTokens {
  /** The account of an access token that is valid. */
  accountOf(accessToken: string): { readonly account: string | undefined } | undefined;
  /** `POST /oauth/token`: a code, or a refresh token, for a pair of tokens; a repeated request is answered as before. */
  issue(body: Readonly<Record<string, unknown>> | undefined, idempotencyKey: string | undefined): ForeignReply;
  /** For an account that has agreed; works once. */
  newCode(account: string | undefined): string;
  /** Refresh tokens that were sent after they had been used: each such pair of tokens is lost. */
  burnt(): number;
  /** Pairs that were given for a refresh token. */
  refreshed(): number;
}

/** Longer than the minute for which clients keep a token that is about to end. */
const ACCESS_SECONDS = 90;

interface Grant {
  readonly account: string | undefined;
  isUsed: boolean;
}

export function createSupplierTokens(
  clock: Pick<EngineClock, 'now'>,
  newRef: (prefix: string) => string,
): SupplierTokens {
  const access = new Map<string, { readonly account: string | undefined; readonly until: number }>();
  const grants = new Map<string, Grant>();
  const answered = new Map<string, ForeignReply>();
  let burnt = 0;
  let refreshed = 0;

  const pairFor = (account: string | undefined): ForeignReply => {
    const [accessToken, refreshToken] = [newRef('at'), newRef('rt')];
    access.set(accessToken, { account, until: clock.now() + ACCESS_SECONDS * 1000 });
    grants.set(refreshToken, { account, isUsed: false });
    return {
      status: 200,
      body: { access_token: accessToken, refresh_token: refreshToken, expires_in: ACCESS_SECONDS },
    };
  };

  return {
    accountOf(accessToken) {
      const found = access.get(accessToken);
      return found === undefined || found.until < clock.now() ? undefined : { account: found.account };
    },
    issue(body, idempotencyKey = '') {
      const before = answered.get(idempotencyKey);
      if (idempotencyKey !== '' && before !== undefined) return before;
      const sent = textOf(body?.['refresh_token']) ?? textOf(body?.['code']);
      const grant = sent === undefined ? undefined : grants.get(sent);
      if (grant === undefined) return foreignError(400, 'GRANT_INVALID', 'send a code or a refresh_token');
      if (grant.isUsed) {
        burnt++;
        return foreignError(400, 'GRANT_USED', 'it was used before');
      }
      grant.isUsed = true;
      if (body?.['refresh_token'] !== undefined) refreshed++;
      const reply = pairFor(grant.account);
      if (idempotencyKey !== '') answered.set(idempotencyKey, reply);
      return reply;
    },
    newCode(account) {
      const code = newRef('code');
      grants.set(code, { account, isUsed: false });
      return code;
    },
    burnt: () => burnt,
    refreshed: () => refreshed,
  };
}
