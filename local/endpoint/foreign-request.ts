import type { IncomingMessage } from 'node:http';
import { isOriginOfThisMachine, type LoopbackGuard } from '../loopback-guard.ts';
import { readCredential } from './credential.ts';
import type { Site } from './service.ts';

/**
 * Why a request may have been sent by a web page that has no business here, and what to do; undefined lets it in.
 * @param site what is served at the request's path, if it is no AWS service
 */
export function problemOfForeign(
  request: IncomingMessage,
  guard: LoopbackGuard,
  site: Site | undefined,
): string | undefined {
  const hostProblem = guard.hostProblem(request);
  if (hostProblem !== undefined) return hostProblem;
  const origin = guard.foreignOrigin(request);
  if (site !== undefined) {
    if (origin === undefined || isOriginOfThisMachine(origin)) return undefined;
    if (site.admitsPagesOf(origin, pathBehind(site, request))) return undefined;
    return (
      `the Origin header says that a page of '${origin}' sent this, and the API's CORS settings do not allow that origin.\n` +
      'Add it to the allowed origins of the API (corsPreflight in CDK), or serve the page from the API itself.'
    );
  }
  if (origin !== undefined) {
    return (
      `the Origin header says that a page of '${origin}' sent this, and the services of a local run take nothing from web pages, since they verify no signature.\n` +
      'Use an SDK or the AWS CLI outside of a browser, or let the page call an HTTP API of the run.'
    );
  }
  if (isSendableByPages(request)) {
    return (
      'the credentials stand in the address (X-Amz-Credential), where any web page can put them; only GET, HEAD, PUT and DELETE of S3 are taken so.\n' +
      'Send them in an Authorization header, as SDKs and the AWS CLI do.'
    );
  }
  return undefined;
}

const pathBehind = ({ pathPrefix }: Site, { url = '/' }: IncomingMessage): string =>
  (url.split('?', 1)[0] ?? '').slice(pathPrefix.length - 1);

const PRESIGNED_METHODS = ['GET', 'HEAD', 'PUT', 'DELETE'];

/**
 * A page may send any GET and any form without asking first, but no Authorization header. Presigned addresses of S3 are
 * made to be called so: a page cannot read what they answer, and has to ask before it may PUT or DELETE.
 */
function isSendableByPages(request: IncomingMessage): boolean {
  const { isInAddress, signingName } = readCredential(request);
  return isInAddress && !(signingName === 's3' && PRESIGNED_METHODS.includes(request.method ?? ''));
}
