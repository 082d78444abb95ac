import type { WireAnswer } from '../../../fixtures/send-over-wire.ts';

/** What is wrong with an answer to a malformed request; undefined when the service answers as it should. */
export type Judge = (answer: WireAnswer) => string | undefined;

/** A code that says that the engine itself failed, or that nobody can look up. */
const problemOfCode = (code: string, known: readonly string[]): string | undefined =>
  known.includes(code) ? undefined : `'${code}' is no error of the service`;

const parsed = (body: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
};

/**
 * @param known the codes of the service's errors
 * @param silent those of which AWS says nothing more
 */
export const judgeJson =
  (known: readonly string[], silent: readonly string[] = []): Judge =>
  ({ status, contentType = '', body }) => {
    const answer = parsed(body);
    if (answer === undefined || !contentType.startsWith('application/x-amz-json-')) return 'it is no JSON object';
    if (status === 200) return '__type' in answer ? 'success carries an error' : undefined;
    const { __type: type, message } = answer;
    if (status < 400 || status >= 500) return `status ${status}: ${String(message)}`;
    if (typeof type !== 'string' || typeof message !== 'string') return 'type or message is missing';
    const code = type.slice(type.indexOf('#') + 1);
    if (message === '' && !silent.includes(code)) return 'the message is empty';
    return problemOfCode(code, known);
  };

const elementOf = (name: string, xml: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];

/** XML 1.0 allows no other control characters; lone surrogates have become U+FFFD. */
const NO_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

export const judgeQuery =
  (known: readonly string[]): Judge =>
  ({ status, contentType, body }) => {
    if (contentType !== 'text/xml' || !body.startsWith('<?xml')) return 'it is no XML document';
    if (NO_XML.test(body)) return 'it holds a character that XML does not allow';
    if (status === 200) return /<\w+Response /.test(body) ? undefined : 'success has no response element';
    if (status < 400 || status >= 500) return `status ${status}`;
    if (!body.includes('<ErrorResponse') || elementOf('Message', body) === undefined) return 'it is no error response';
    return problemOfCode(elementOf('Code', body) ?? '', known);
  };

export const judgeS3 =
  (known: readonly string[]): Judge =>
  ({ status, body }) => {
    if (status < 400) return undefined;
    // the answer to HEAD has no body
    if (body === '') return status < 500 || status === 501 ? undefined : `status ${status}`;
    if (NO_XML.test(body)) return 'it holds a character that XML does not allow';
    if (!body.startsWith('<?xml') || !body.includes('<Error>')) return 'it is no error document';
    const code = elementOf('Code', body) ?? '';
    if (status >= 500 && code !== 'NotImplemented') return `status ${status}`;
    return problemOfCode(code, known);
  };

export const judgeRestJson =
  (known: readonly string[]): Judge =>
  ({ status, body }) => {
    if (status < 400) return status === 204 || status === 200 || status === 202 ? undefined : `status ${status}`;
    if (body === '') return status < 500 ? undefined : `status ${status}`;
    const answer = parsed(body);
    if (answer === undefined) return 'it is no JSON object';
    if (status >= 500) return `status ${status}`;
    const { __type: type = '', message } = answer;
    if (typeof message !== 'string' || message === '') return 'the message is missing';
    return problemOfCode(String(type).slice(String(type).indexOf('#') + 1), known);
  };

export const judgeHttpApi: Judge = ({ status, body }) => {
  if (status < 400) return undefined;
  if (status >= 500) return `status ${status}`;
  if (body === '') return undefined;
  return typeof parsed(body)?.['message'] === 'string' ? undefined : 'it has no message';
};
