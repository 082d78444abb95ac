import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Site, SiteRequest, SiteResponse } from './service.ts';

/** The request as the site sees it: its prefix is gone, nothing else is changed. */
export function toSiteRequest(request: IncomingMessage, { pathPrefix }: Site, body: Buffer): SiteRequest {
  const { rawHeaders, method = 'GET', url = '/', socket } = request;
  const queryAt = url.indexOf('?');
  const path = queryAt === -1 ? url : url.slice(0, queryAt);
  return {
    method,
    rawPath: path.slice(pathPrefix.length - 1),
    rawQuery: queryAt === -1 ? '' : url.slice(queryAt + 1),
    headers: rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : [],
    ),
    body,
    sourceIp: socket.remoteAddress ?? '127.0.0.1',
  };
}

export function sendSite(response: ServerResponse, { statusCode, headers, body }: SiteResponse): void {
  response.statusCode = statusCode;
  for (const [name, value] of headers) response.appendHeader(name, value);
  response.end(body);
}
