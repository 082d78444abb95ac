import { addMs, type Clock, type EpochMs } from 'waybill/runtime';
import type { Carrier, Rate } from './carrier.ts';

/** Rates are kept for ten minutes: carriers change them by the day. */
const RATES_KEPT_MS = 600_000;

/** Of destinations and sizes that one container asks for, more than it usually meets. */
const MOST_KEPT = 1_000;

/**
 * A carrier whose rates are kept, by one container. After a failed call none are: who is asked next is known to be there,
 * or its open breaker answers for it at once.
 */
export function withKeptRates(carrier: Carrier, clock: Clock): Carrier {
  const kept = new Map<string, { readonly rates: readonly Rate[]; readonly until: EpochMs }>();
  const forgetIfFailed = async <Answer>(call: Promise<Answer>): Promise<Answer> => {
    try {
      return await call;
    } catch (error) {
      kept.clear();
      throw error;
    }
  };

  return {
    name: carrier.name,

    async rates(request, signal) {
      const { account, country, pieces } = request;
      const key = JSON.stringify([account, country, pieces]);
      const known = kept.get(key);
      if (known !== undefined && clock.now() < known.until) return known.rates;
      const rates = await forgetIfFailed(carrier.rates(request, signal));
      const [oldest] = kept.keys();
      if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
      kept.set(key, { rates, until: addMs(clock.now(), RATES_KEPT_MS) });
      return rates;
    },

    book: (request, signal) => forgetIfFailed(carrier.book(request, signal)),
  };
}
