import type { SiteResponse } from '../endpoint/service.ts';
import { isObject } from '../template/json.ts';

/**
 * What a function's answer says in payload format 2.0: a status, headers, cookies and a body, or, without a status code,
 * the body itself. Undefined for an answer that API Gateway cannot use.
 */
export function readFunctionResponse(payload: string): SiteResponse | undefined {
  const answer: unknown = JSON.parse(payload);
  if (!isObject(answer) || answer['statusCode'] === undefined) {
    return {
      statusCode: 200,
      headers: [['content-type', 'application/json']],
      body: typeof answer === 'string' ? answer : JSON.stringify(answer),
    };
  }
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = answer;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  if (typeof body !== 'string' || !isObject(headers) || !Array.isArray(cookies)) return undefined;
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  const hasType = named.some(([name]) => name === 'content-type');
  return {
    statusCode: status,
    headers: [
      ...(hasType ? [] : ([['content-type', 'text/plain;charset=UTF-8']] as const)),
      ...named,
      ...cookies.map((cookie) => ['set-cookie', String(cookie)] as const),
    ],
    body: isBase64Encoded === true ? Buffer.from(body, 'base64') : body,
  };
}
