import { UsageError } from './usage-error.ts';

/** The variables by which SDKs are led to another endpoint: for all services, and for one. */
const ENDPOINT_VARIABLE = /^AWS_ENDPOINT_URL(_|$)/;

/**
 * The SDK would fail at an endpoint that is no URL without naming it.
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
