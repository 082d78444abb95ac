import type { RestRequest, RestResponse } from '../endpoint/service.ts';

/** One operation of Lambda's API; the path is the part behind the API's date. */
export interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly answer: (request: RestRequest, parameter: string) => Promise<RestResponse> | RestResponse;
}

export const json = (output: object, statusCode = 200): RestResponse => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(output),
});
