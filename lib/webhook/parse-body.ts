import { UNUSABLE_NAME } from '../definitions/index.ts';
import { isForm } from './media-type.ts';
import { Refused } from './refusal.ts';
import type { WebhookRequest } from './request.ts';
import type { WebhookBody } from './scheme.ts';

/** Deeper bodies would end recursive code, such as a schema's, by a stack overflow. */
const MOST_LEVELS = 100;

/** A byte order mark is no JSON. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Parses a body that is verified. @returns an object of its members, or why it is refused */
export function parseBody({ headers, body }: Pick<WebhookRequest, 'headers' | 'body'>): WebhookBody | Refused {
  let text: string;
  try {
    text = decoder.decode(body);
  } catch {
    return new Refused('not-utf8');
  }
  const value = isForm(headers.get('content-type')) ? parametersOf(text) : parseJson(text);
  if (value instanceof Refused) return value;
  if (!isRecord(value)) return new Refused('not-an-object');
  const problem = unsafePartOf(value);
  return problem === undefined ? value : new Refused(problem);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return new Refused('not-json');
  }
}

/** The values of a repeated parameter are a list. */
function parametersOf(text: string): WebhookBody {
  const values = Map.groupBy(new URLSearchParams(text), ([name]) => name);
  return Object.fromEntries(
    [...values].map(([name, pairs]) => [name, pairs.length === 1 ? pairs[0]?.[1] : pairs.map(([, value]) => value)]),
  );
}

const isRecord = (value: unknown): value is WebhookBody =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Without recursion, which deep bodies would break. */
function unsafePartOf(body: object): 'unsafe-member' | 'too-deep' | undefined {
  let level: readonly object[] = [body];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MOST_LEVELS) return 'too-deep';
    if (level.some((each) => Object.hasOwn(each, UNUSABLE_NAME))) return 'unsafe-member';
    level = level.flatMap((each) => Object.values(each).filter((value) => typeof value === 'object' && value !== null));
  }
  return undefined;
}
