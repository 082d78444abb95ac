import type { HandlerContext } from 'waybill/consumer';
import type { Carrier, Rate, RatesRequest } from './carrier.ts';

/** Who is to bring a parcel, and for what. */
export interface Choice {
  readonly carrier: Carrier;
  readonly rate: Rate;
}

/**
 * The cheapest rate of all carriers that deliver, of equal ones the fastest. A carrier that does not answer is left out.
 * @returns undefined where all have answered, and none delivers
 * @throws the error of a carrier that does not answer, where no other delivers
 */
export async function chooseCarrier(
  carriers: readonly Carrier[],
  request: RatesRequest,
  { signal, log }: Pick<HandlerContext, 'signal' | 'log'>,
): Promise<Choice | undefined> {
  const asked = await Promise.allSettled(carriers.map((carrier) => carrier.rates(request, signal)));
  const choices: Choice[] = [];
  const errors: unknown[] = [];
  for (const [index, carrier] of carriers.entries()) {
    const answer = asked[index];
    if (answer?.status === 'fulfilled') choices.push(...answer.value.map((rate) => ({ carrier, rate })));
    else {
      errors.push(answer?.reason);
      log.warn('a carrier does not tell its rates', { carrier: carrier.name, error: answer?.reason });
    }
  }
  const [best] = choices.toSorted(
    ({ rate: a }, { rate: b }) => a.amount.minorUnits - b.amount.minorUnits || a.days - b.days,
  );
  if (best === undefined && errors.length > 0) throw errors[0];
  return best;
}
