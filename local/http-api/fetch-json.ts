import type { FetchJson } from './key-source.ts';

/** API Gateway waits no longer for an issuer. */
const LONGEST_WAIT_MS = 1500;

export const fetchJson: FetchJson = async (url) => {
  const response = await fetch(url, { signal: AbortSignal.timeout(LONGEST_WAIT_MS) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
};
