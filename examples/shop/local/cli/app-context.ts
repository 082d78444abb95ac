import type { RunOptions } from './options.ts';

/** What the app is synthesized with, at the start and whenever changed code is taken over. */
export type AppContext = Readonly<Record<string, string>>;

/**
 * CDK context of a run: its environment, and what its options say beside the environment's settings.
 * @param external where the shop's external systems are
 */
export const appContext = (
  { environment, fulfilment, tenants }: Pick<RunOptions, 'environment' | 'fulfilment' | 'tenants'>,
  external: AppContext,
): AppContext => ({
  ...external,
  env: environment,
  ...(fulfilment === undefined ? {} : { 'shop:fulfilment': fulfilment }),
  ...(tenants === undefined ? {} : { 'setting:tenancy': 'required' }),
});
