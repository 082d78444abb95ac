import { problemOfExternalUrl } from 'waybill';
import { misspelledKeys, oneOf, SettingsError, show, unknownSettings } from 'waybill/cdk';
import { z } from 'zod';

/**
 * `choreographed`: the services follow each other's events. `orchestrated`: a saga sends them commands. The outcomes are
 * the same.
 */
const FULFILMENTS = ['choreographed', 'orchestrated'] as const;

const externalUrl = () =>
  z
    .string({ error: (issue) => `must be a URL like https://gateway.example.com, got ${show(issue.input)}` })
    .superRefine((url, { addIssue }) => {
      const problem = problemOfExternalUrl(url);
      if (problem !== undefined) addIssue(problem);
    })
    .optional();

const fields = {
  fulfilment: oneOf(FULFILMENTS),
  /** The payment gateway. Without it, payments use a fake that takes no money. */
  paymentGatewayUrl: externalUrl(),
  /** The carrier. Without it, shipping uses a fake that sends no parcels. */
  carrierUrl: externalUrl(),
  /** The mail service. Without it, notifications use a fake that sends no mail. */
  mailerUrl: externalUrl(),
  /** Who issues the access tokens of the shop's API, exactly as their `iss` claim has it. Without it, there is no API. */
  accountsIssuer: externalUrl(),
} as const;

const SETTING_NAMES: readonly string[] = Object.keys(fields);

const schema = z
  .strictObject(fields, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unknownSettings(issue.keys, SETTING_NAMES, 'of the shop') : undefined,
  })
  .readonly();

/** What may differ between environments in the shop alone. Get one from `selectShopSettings`. */
export type ShopSettings = z.output<typeof schema>;

const SETTINGS: Readonly<Record<string, ShopSettings>> = {
  dev: { fulfilment: 'choreographed' },
  staging: { fulfilment: 'choreographed' },
  prod: { fulfilment: 'choreographed' },
};

const OVERRIDE_PREFIX = 'shop:';

/**
 * Reads the shop's settings of an environment and their overrides (`shop:<name>`) from CDK context:
 * `cdk deploy -c env=prod -c shop:fulfilment=orchestrated`.
 * @throws SettingsError `SETTINGS_INVALID` for an unknown setting, a value that is not allowed, or a misspelled `shop:`
 */
export function selectShopSettings(environmentName: string, context: Readonly<Record<string, unknown>>): ShopSettings {
  const misspelled = misspelledKeys(context, { prefix: OVERRIDE_PREFIX, settingNames: SETTING_NAMES });
  if (misspelled.length > 0) throw new SettingsError('the CDK context', misspelled);
  const overrides = Object.entries(context)
    .filter(([key]) => key.startsWith(OVERRIDE_PREFIX))
    .map(([key, value]) => [key.slice(OVERRIDE_PREFIX.length), value] as const);
  const result = schema.safeParse({ ...SETTINGS[environmentName], ...Object.fromEntries(overrides) });
  if (result.success) return result.data;
  throw new SettingsError(
    `the shop of environment '${environmentName}'`,
    result.error.issues.map((issue) => [issue.path.join('.'), issue.message].filter(Boolean).join(' ')),
  );
}
