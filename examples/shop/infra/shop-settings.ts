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

/** The command line only passes text: JSON stands for what it says. */
const fromText = (value: unknown): unknown => {
  if (typeof value !== 'string' || !/^[{\d]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
};

const issuerUrl = z.string().superRefine((url, { addIssue }) => {
  const problem = problemOfExternalUrl(url);
  if (problem !== undefined) addIssue(problem);
});

/** `own`: the shop's own issuer and accounts. Else those of others, such as a Cognito user pool, and no accounts are deployed. */
const accounts = z.preprocess(
  fromText,
  z.union([z.literal('own'), z.strictObject({ issuer: issuerUrl, audience: z.array(z.string().min(1)).min(1) })], {
    error: (issue) =>
      `must be 'own', or {"issuer":"https://cognito-idp.eu-west-1.amazonaws.com/…","audience":["…"]}, got ${show(issue.input)}`,
  }),
);

const wholeNumber = (min: number, max: number, unit: string) =>
  z.preprocess(
    fromText,
    z
      .int({ error: (issue) => `must be a whole number from ${min} to ${max} ${unit}, got ${show(issue.input)}` })
      .min(min, { error: (issue) => `must be from ${min} to ${max} ${unit}, got ${show(issue.input)}` })
      .max(max, { error: (issue) => `must be from ${min} to ${max} ${unit}, got ${show(issue.input)}` }),
  );

/** `on`: the catalog has its products from suppliers, and parcels are followed by the carrier's list as well. */
const SYNCS = ['off', 'on'] as const;

/** What the syncs read from. */
const SYNCED_URLS = ['supplierAUrl', 'supplierBUrl', 'carrierUrl'] as const;

const fields = {
  fulfilment: oneOf(FULFILMENTS),
  accounts,
  /** Life of the shop's own access tokens. */
  accessTokenSeconds: wholeNumber(5, 3600, 'seconds'),
  /** Memory that a password costs to hash. Raised, it counts for a password from its next login on. */
  passwordMemoryKiB: wholeNumber(64, 1_048_576, 'KiB'),
  /** Passes over that memory. */
  passwordPasses: wholeNumber(2, 20, 'passes'),
  /** How long a key signs access tokens before the next one does. */
  signingKeyDays: wholeNumber(2, 3650, 'days'),
  /** The payment gateway. Without it, payments use a fake that takes no money. */
  paymentGatewayUrl: externalUrl(),
  /** The fraud check. Without it, payments use a fake that lets everything pass. */
  fraudCheckUrl: externalUrl(),
  /** The carrier. With neither it nor the courier, shipping uses a fake that sends no parcels. */
  carrierUrl: externalUrl(),
  /** The courier, whose rates are compared with the carrier's. */
  courierUrl: externalUrl(),
  /** The mail service. Without it, notifications use a fake that sends no mail. */
  mailerUrl: externalUrl(),
  sync: oneOf(SYNCS),
  /** The feeds of the suppliers. Required by `sync: 'on'`. */
  supplierAUrl: externalUrl(),
  supplierBUrl: externalUrl(),
} as const;

const SETTING_NAMES: readonly string[] = Object.keys(fields);

const schema = z
  .strictObject(fields, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unknownSettings(issue.keys, SETTING_NAMES, 'of the shop') : undefined,
  })
  .superRefine((settings, { addIssue }) => {
    if (settings.sync !== 'on') return;
    for (const name of SYNCED_URLS.filter((each) => settings[each] === undefined)) {
      addIssue({ code: 'custom', path: [name], message: `is required by sync 'on': set -c shop:${name}=https://…` });
    }
  })
  .readonly();

/** What may differ between environments in the shop alone. Get one from `selectShopSettings`. */
export type ShopSettings = z.output<typeof schema>;

/** 19 MiB and two passes are what OWASP advises at the least. */
const PRESET: ShopSettings = {
  fulfilment: 'choreographed',
  accounts: 'own',
  accessTokenSeconds: 600,
  passwordMemoryKiB: 19_456,
  passwordPasses: 2,
  signingKeyDays: 90,
  sync: 'off',
};

const SETTINGS: Readonly<Record<string, ShopSettings>> = { dev: PRESET, staging: PRESET, prod: PRESET };

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
