import type { EngineClock } from '../../../../local/clock.ts';

/** What an issuer answers with. */
export interface GrantedToken {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
}

/** The access tokens of one client of the shop's API. */
export interface AccessTokens {
  /** One that is valid for a while. */
  current(): Promise<string>;
  /** The API has refused it: it is not used again. */
  refused(token: string): void;
  /** One whose life is over; undefined if there is none. */
  expired(): string | undefined;
  /** Gets another one now, whatever the current one is worth. */
  renew(): Promise<string>;
}

/** A token is not used any more when so little of its life is left. */
const SPARE_MS = 1_000;

/** Keeps a token as long as it is valid; whoever needs another one at the same time waits for the same grant. */
export function createAccessTokens(grant: () => Promise<GrantedToken>, clock: Pick<EngineClock, 'now'>): AccessTokens {
  let known: { readonly token: string; readonly endsAt: number } | undefined;
  let granting: Promise<string> | undefined;
  let expired: string | undefined;

  const renew = (): Promise<string> => {
    granting ??= grant()
      .then(({ accessToken, expiresInSeconds }) => {
        known = { token: accessToken, endsAt: clock.now() + expiresInSeconds * 1000 };
        return accessToken;
      })
      .finally(() => {
        granting = undefined;
      });
    return granting;
  };

  return {
    renew,
    expired() {
      if (known !== undefined && known.endsAt < clock.now()) expired = known.token;
      return expired;
    },
    async current() {
      if (known === undefined) return renew();
      if (clock.now() < known.endsAt - SPARE_MS) return known.token;
      const { token, endsAt } = known;
      const next = await renew();
      if (endsAt < clock.now()) expired = token;
      return next;
    },
    refused(token) {
      if (known?.token === token) known = undefined;
    },
  };
}
