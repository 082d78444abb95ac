/** What to do about what the SDK says most often; the rest speaks for itself. */
const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers at the endpoint: is the local run up, and AWS_ENDPOINT_URL the one that it printed?',
  CredentialsProviderError: 'set AWS_PROFILE, or sign in; for a local run set the keys that it printed',
  ExpiredTokenException: 'sign in again',
  AccessDeniedException: 'docs/operations.md lists the rights that each command needs',
};

/** One line for whoever ran the command. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const message = error.message || code || error.name;
  const advice = /region is missing/i.test(message) ? 'set AWS_REGION' : (ADVICE[code] ?? ADVICE[error.name]);
  return advice === undefined ? message : `${message}: ${advice}`;
}
