import { WaybillError } from '../definitions/waybill-error.ts';

/** The function was deployed without environment variables that its code reads. */
class MissingEnvironmentError extends WaybillError {
  readonly code = 'ENVIRONMENT_INCOMPLETE';
  readonly missing: readonly string[];

  constructor(missing: readonly string[]) {
    super(
      `environment variables must be set and not empty, missing: ${missing.join(', ')}; ` +
        'set them where the function is defined',
    );
    this.missing = missing;
  }
}

/**
 * Reads the variables that a function cannot do without; called once, in its composition root.
 *
 * @example const env = requireEnv(process.env, ENV.busName, ENV.pendingTableName);
 *
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE` naming every missing or empty variable at once
 */
export function requireEnv<const Name extends string>(
  environment: Readonly<Record<string, string | undefined>>,
  ...names: readonly Name[]
): Readonly<Record<Name, string>> {
  const missing = names.filter((name) => (environment[name] ?? '') === '');
  if (missing.length > 0) throw new MissingEnvironmentError(missing);
  return Object.fromEntries(names.map((name) => [name, environment[name]])) as Record<Name, string>;
}
