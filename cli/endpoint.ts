import { UsageError } from './usage-error.ts';

/** The variables that set another endpoint for SDKs: for all services, and for one. */
const ENDPOINT_VARIABLE = /^AWS_ENDPOINT_URL(_|$)/;

/**
 * Checks the variables, because the SDK's error about an invalid URL does not name the variable.
 * @throws UsageError `OPS_USAGE` that names the variable
 */
export function refuseWrongEndpoint(env: Readonly<Record<string, string | undefined>>): void {
  const problems = Object.entries(env).flatMap(([name, value = '']) =>
    !ENDPOINT_VARIABLE.test(name) || value === '' || isHttpUrl(value)
      ? []
      : [`${name} must be a URL like http://127.0.0.1:4566, got '${value}'`],
  );
  if (problems.length > 0) throw new UsageError(problems.join('; '));
}

const isHttpUrl = (text: string): boolean => /^https?:\/\//.test(text) && URL.canParse(text);
