import { invalidParameter } from './errors.ts';
import type { Input } from './input.ts';

const MAX_RESULTS = 1000;

/**
 * A page of `items` as `MaxResults` and `NextToken` ask for it; without `MaxResults` everything, up to 1000.
 * @throws AwsError `InvalidParameterValue`
 */
export function pageOf<T>(
  items: readonly T[],
  input: Input,
): { readonly page: readonly T[]; readonly nextToken?: string } {
  const asked = input.optionalInteger('MaxResults');
  const token = input.optionalString('NextToken');
  if (asked !== undefined && (asked < 1 || asked > MAX_RESULTS)) {
    throw invalidParameter(
      `Value ${asked} for parameter MaxResults is invalid. Reason: Must be between 1 and ${MAX_RESULTS}.`,
    );
  }
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64').toString('utf8'));
  if (!Number.isInteger(start) || start < 0) throw invalidParameter('Invalid or expired next token.');
  const end = start + (asked ?? MAX_RESULTS);
  const page = items.slice(start, end);
  // as the service does: a token only for who asked for pages
  if (asked === undefined || end >= items.length) return { page };
  return { page, nextToken: Buffer.from(String(end)).toString('base64') };
}
