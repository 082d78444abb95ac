import { ownMember, type Route } from '../definitions/index.ts';
import { describeViolations, violationsOf } from '../shared/schema-issues.ts';
import { AnswerInvalidError } from './errors.ts';
import { etagOf } from './etag.ts';
import type { AnyRouteResult } from './handlers.ts';
import type { HttpAnswer } from './ports.ts';
import type { ProblemError } from './problem.ts';

/** Lambda answers with 6 MB at most, headers included. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MOST_ANSWER_BYTES = 5_900_000;
/** An item of DynamoDB has 400 KB, with the record's other attributes. */
const MOST_STORED_ANSWER_BYTES = 350_000;

const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * The answer of a handler's result.
 * @throws AnswerInvalidError `API_ANSWER_INVALID` for what the route does not declare
 */
export async function answerOf(route: Route, result: AnyRouteResult): Promise<HttpAnswer> {
  const { status, body, etag, headers = {} } = result ?? {};
  const declared = ownMember(route.answers as Readonly<Record<string, Route['answers'][number]>>, String(status));
  if (declared === undefined) {
    throw new AnswerInvalidError(route.key, `status must be ${Object.keys(route.answers).join(' or ')}, got ${status}`);
  }
  const wrong = Object.entries(headers).find(
    ([name, value]) => !HEADER_NAME.test(name) || typeof value !== 'string' || !HEADER_VALUE.test(value),
  );
  if (wrong !== undefined) {
    throw new AnswerInvalidError(route.key, `header '${wrong[0]}' must be a text of one line with a lower-case name`);
  }
  const text = await bodyText(route, declared.schema, body);
  const answer: HttpAnswer = {
    status,
    headers: {
      'cache-control': 'no-store',
      ...(text !== '' && { 'content-type': 'application/json' }),
      ...headers,
      ...(etag !== undefined && { etag: etagOf(etag) }),
    },
    body: text,
  };
  const limit = route.idempotent === true ? MOST_STORED_ANSWER_BYTES : MOST_ANSWER_BYTES;
  const bytes = Buffer.byteLength(JSON.stringify(answer));
  if (bytes > limit)
    throw new AnswerInvalidError(route.key, `the answer must have ${limit} bytes at most, got ${bytes}`);
  return answer;
}

async function bodyText(route: Route, schema: Route['answers'][number]['schema'], body: unknown): Promise<string> {
  if (schema === undefined) {
    if (body !== undefined) throw new AnswerInvalidError(route.key, 'body must be left out: the answer has no schema');
    return '';
  }
  // as the caller reads it: JSON leaves out undefined members and writes dates as texts
  const text: string | undefined = JSON.stringify(body);
  if (text === undefined) throw new AnswerInvalidError(route.key, 'body must be JSON, got nothing');
  const wire: unknown = JSON.parse(text);
  const checked = await schema['~standard'].validate(wire);
  if (checked.issues !== undefined) {
    throw new AnswerInvalidError(route.key, `body: ${describeViolations(violationsOf(checked.issues, wire))}`);
  }
  return text;
}

/** @see https://www.rfc-editor.org/rfc/rfc9457 */
export function problemAnswer(
  { code, status, title, detail, errors, retryAfterSeconds }: ProblemError,
  correlationId: string,
): HttpAnswer {
  const content = {
    type: `urn:waybill:problem:${code}`,
    title,
    status,
    ...(detail === undefined ? {} : { detail }),
    code,
    ...(errors === undefined ? {} : { errors }),
    correlationId,
  };
  return {
    status,
    headers: {
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) }),
    },
    body: JSON.stringify(content),
  };
}
