import { problemOfExternalUrl } from '../contracts/index.ts';
import { ExternalUrlInvalidError } from './errors.ts';

/**
 * The URL as paths are added to it.
 * @throws ExternalUrlInvalidError `EXTERNAL_URL_INVALID`
 */
export function readBaseUrl(system: string, baseUrl: string): string {
  const problem = problemOfExternalUrl(baseUrl);
  if (problem !== undefined) throw new ExternalUrlInvalidError(system, problem);
  return new URL(baseUrl).href.replace(/\/+$/, '');
}
