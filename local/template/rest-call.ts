import type { JsonObject } from '../endpoint/service.ts';
import { type RestService, USER } from '../endpoint/service.ts';
import { isObject } from './json.ts';

/** Asks a REST service as the run's own user; gives its JSON answer, empty for any other. @throws AwsError */
export async function callRest(
  service: RestService,
  method: string,
  path: string,
  input?: JsonObject,
  query = new URLSearchParams(),
): Promise<JsonObject> {
  const body = Buffer.from(input === undefined ? '' : JSON.stringify(input));
  const request = { method, path, query, headers: {}, body };
  const answer = await service.handle(request, USER);
  const text = Buffer.from(answer.body ?? '').toString('utf8');
  const output: unknown = text.startsWith('{') ? JSON.parse(text) : {};
  return isObject(output) ? output : {};
}
