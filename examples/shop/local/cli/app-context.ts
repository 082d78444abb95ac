import type { RunOptions } from './options.ts';

/** What the app is synthesized with, at the start and whenever changed code is taken over. */
export type AppContext = Readonly<Record<string, string>>;

const TOKEN_SECONDS_UNDER_CHAOS = '10';

/**
 * CDK context of a run: its environment, and what its options say beside the environment's settings.
 * @param external where the shop's external systems are
 */
export const appContext = (
  {
    environment,
    fulfilment,
    tenants,
    chaosSeed,
    sync,
  }: Pick<RunOptions, 'environment' | 'fulfilment' | 'tenants' | 'chaosSeed' | 'sync'>,
  external: AppContext,
): AppContext => ({
  ...external,
  env: environment,
  ...(fulfilment === undefined ? {} : { 'shop:fulfilment': fulfilment }),
  // so short that they expire in the middle of a run
  ...(chaosSeed === undefined ? {} : { 'shop:accessTokenSeconds': TOKEN_SECONDS_UNDER_CHAOS }),
  ...(sync ? { 'shop:sync': 'on' } : {}),
  ...(tenants === undefined ? {} : { 'setting:tenancy': 'required' }),
});
