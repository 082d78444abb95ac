import { WaybillError } from '../definitions/waybill-error.ts';

/** Environment variables that the function requires are missing. */
class MissingEnvironmentError extends WaybillError {
  readonly code = 'ENVIRONMENT_INCOMPLETE';
  readonly missing: readonly string[];

  constructor(missing: readonly string[], advice: string) {
    super(`environment variables must be set and not empty, missing: ${missing.join(', ')}; ${advice}`);
    this.missing = missing;
  }
}

/**
 * Reads required environment variables; called once, in the composition root.
 *
 * @example const env = requireEnv(process.env, ENV.busName, ENV.pendingTableName);
 *
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE` naming every missing or empty variable
 */
export function requireEnv<const Name extends string>(
  environment: Readonly<Record<string, string | undefined>>,
  ...names: readonly Name[]
): Readonly<Record<Name, string>> {
  return requireEnvFrom('set them where the function is defined', environment, ...names);
}

/** As `requireEnv`, for variables that a construct sets. */
export function requireEnvFrom<const Name extends string>(
  /** What to do if variables are missing. */
  advice: string,
  environment: Readonly<Record<string, string | undefined>>,
  ...names: readonly Name[]
): Readonly<Record<Name, string>> {
  const missing = names.filter((name) => (environment[name] ?? '') === '');
  if (missing.length > 0) throw new MissingEnvironmentError(missing, advice);
  return Object.fromEntries(names.map((name) => [name, environment[name]])) as Record<Name, string>;
}
