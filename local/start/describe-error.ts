/** One message for whoever started the run; the stack and the causes only when asked for. */
export function describeError(error: unknown, { verbose }: { readonly verbose: boolean }): string {
  if (!(error instanceof Error)) return `the run failed: ${String(error)}`;
  if (verbose) return `the run failed: ${withCauses(error)}`;
  if ('code' in error && error.code === 'EPIPE') return 'the run was stopped: nobody reads its output any more';
  if ('code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    return `port ${error.port} is taken: choose another, or leave it out for a free one`;
  }
  return `the run failed: ${error.message || error.name}`;
}

function withCauses(error: Error): string {
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause instanceof Error ? `${own}\ncaused by ${withCauses(error.cause)}` : own;
}
