import { misspelledKeys } from './context-keys.ts';
import { type EnvironmentSettings, parseSettings, SETTING_NAMES, SettingsError } from './settings.ts';

/** Presets of settings for `selectEnvironment`. */
export const ENVIRONMENTS = {
  /** For one developer and for the local run: small, with verbose logs, deleted by `cdk destroy`. */
  dev: {
    outboxRetentionDays: 18,
    inboxExpiryDays: 18,
    archiveRetentionDays: 7,
    queueRetentionDays: 4,
    logRetentionDays: 7,
    logLevel: 'DEBUG',
    maxConcurrency: 4,
    accountConcurrency: 1000,
    relayReservedConcurrency: 0,
    maxReceiveCount: 5,
    sweepEveryMinutes: 1,
    sweepAfterSeconds: 120,
    metricNamespace: 'Waybill/dev',
    alarmsEnabled: false,
    removalPolicy: 'destroy',
    deletionProtection: false,
    pointInTimeRecovery: false,
    tracing: false,
    tenancy: 'none',
    compressEvents: true,
    eventIndexes: 'all',
  },
  /** Like production, but can be deleted. */
  staging: {
    outboxRetentionDays: 18,
    inboxExpiryDays: 18,
    archiveRetentionDays: 14,
    queueRetentionDays: 4,
    logRetentionDays: 30,
    logLevel: 'INFO',
    maxConcurrency: 20,
    accountConcurrency: 1000,
    relayReservedConcurrency: 0,
    maxReceiveCount: 5,
    sweepEveryMinutes: 1,
    sweepAfterSeconds: 120,
    metricNamespace: 'Waybill/staging',
    alarmsEnabled: true,
    removalPolicy: 'destroy',
    deletionProtection: false,
    pointInTimeRecovery: true,
    tracing: true,
    tenancy: 'none',
    compressEvents: false,
    eventIndexes: 'none',
  },
  prod: {
    outboxRetentionDays: 30,
    inboxExpiryDays: 30,
    archiveRetentionDays: 30,
    queueRetentionDays: 7,
    logRetentionDays: 90,
    logLevel: 'INFO',
    maxConcurrency: 50,
    accountConcurrency: 1000,
    relayReservedConcurrency: 0,
    maxReceiveCount: 8,
    sweepEveryMinutes: 1,
    sweepAfterSeconds: 120,
    metricNamespace: 'Waybill/prod',
    alarmsEnabled: true,
    removalPolicy: 'retain',
    deletionProtection: true,
    pointInTimeRecovery: true,
    tracing: true,
    tenancy: 'none',
    compressEvents: false,
    eventIndexes: 'none',
  },
} as const satisfies Record<string, EnvironmentSettings>;

export type EnvironmentName = keyof typeof ENVIRONMENTS;

/** @public who starts the app asks for one of them */
export const ENVIRONMENT_NAMES = Object.keys(ENVIRONMENTS);

/**
 * Settings for an app that chooses its environments itself: those of a preset, with changes.
 * @param changes as in `cdk deploy -c setting:<name>=<value>`
 * @throws SettingsError `SETTINGS_INVALID` for an unknown preset or setting, or a value that is not allowed
 *
 * @example new EventHub(this, 'Hub', { settings: defineSettings('prod', { maxConcurrency: 20 }) });
 */
export function defineSettings(
  preset: EnvironmentName,
  changes: Partial<EnvironmentSettings> = {},
): EnvironmentSettings {
  const subject = `the settings like '${preset}'`;
  if (!isEnvironmentName(preset)) {
    throw new SettingsError(subject, [`the preset must be one of ${ENVIRONMENT_NAMES.join(', ')}, got '${preset}'`]);
  }
  return parseSettings(subject, { ...ENVIRONMENTS[preset], ...changes });
}

const OVERRIDE_PREFIX = 'setting:';

export interface Environment {
  readonly name: EnvironmentName;
  readonly settings: EnvironmentSettings;
}

/** Other context keys that the app reads; `environment` is accepted for `env`. */
const CONTEXT_KEYS = { env: ['environment'], loadBundles: [] };

/**
 * Reads the environment (`env`, default `dev`) and overrides of its settings (`setting:<name>`) from CDK context:
 * `cdk deploy -c env=prod -c setting:logLevel=DEBUG`.
 * @throws SettingsError `SETTINGS_INVALID` for an unknown environment or setting, a value that is not allowed, or a key that
 * is most likely one of these misspelled
 */
export function selectEnvironment(context: Readonly<Record<string, unknown>>): Environment {
  const misspelled = misspelledKeys(context, {
    keys: CONTEXT_KEYS,
    prefix: OVERRIDE_PREFIX,
    settingNames: SETTING_NAMES,
  });
  if (misspelled.length > 0) throw new SettingsError('the CDK context', misspelled);
  const name = context.env ?? 'dev';
  if (!isEnvironmentName(name)) {
    throw new SettingsError(`environment '${String(name)}'`, [
      `env must be one of ${ENVIRONMENT_NAMES.join(', ')}, got ${JSON.stringify(name)}: cdk synth -c env=dev`,
    ]);
  }
  const base: Readonly<Record<string, unknown>> = ENVIRONMENTS[name];
  const overrides = Object.entries(context)
    .filter(([key]) => key.startsWith(OVERRIDE_PREFIX))
    .map(([key, value]) => {
      const setting = key.slice(OVERRIDE_PREFIX.length);
      return [setting, fromText(value, base[setting])] as const;
    });
  return { name, settings: parseSettings(`environment '${name}'`, { ...base, ...Object.fromEntries(overrides) }) };
}

const isEnvironmentName = (name: unknown): name is EnvironmentName =>
  typeof name === 'string' && Object.hasOwn(ENVIRONMENTS, name);

/** The command line only passes strings. A value that does not match the setting's type is left to the schema. */
function fromText(value: unknown, current: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (typeof current === 'number' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (typeof current === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}
