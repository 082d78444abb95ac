import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * What a server on this machine asks of every request, since any web page can send it some: pages of a foreign site say
 * so in `Origin`, and pages whose own name was made to resolve to this machine (DNS rebinding) say that name in `Host`.
 * @see docs/adr/0042-local-servers-refuse-web-pages.md
 */
export interface LoopbackGuard {
  /** @returns why the request is refused and what to do; undefined lets it in. */
  hostProblem(request: IncomingMessage): string | undefined;
  /** @returns the origin of a page that this server did not serve; undefined for programs, which send none. */
  foreignOrigin(request: IncomingMessage): string | undefined;
}

const NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/** SDKs put a bucket's name before an endpoint that is a name. No public DNS server answers for `.localhost`. */
const BUCKET_HOST = /^[a-z0-9][a-z0-9.-]*\.localhost$/;

const HTTP_PORT = 80;

export function createLoopbackGuard(port: () => number): LoopbackGuard {
  const isOwnHost = (host: string): boolean => {
    const [, name = '', given] = /^(.*?)(?::(\d+))?$/.exec(host.toLowerCase()) ?? [];
    const isOwnPort = given === undefined ? port() === HTTP_PORT : Number(given) === port();
    return isOwnPort && (NAMES.includes(name) || BUCKET_HOST.test(name));
  };

  return {
    hostProblem({ headers: { host = '' } }) {
      if (isOwnHost(host)) return undefined;
      const names = NAMES.map((name) => `${name}:${port()}`).join(', ');
      return (
        `the Host header is '${host}', and this server of a local run answers to ${names} and <bucket>.localhost:${port()} only: ` +
        'a web page whose name resolves to this machine could read and change everything otherwise.\n' +
        `Call http://127.0.0.1:${port()}; let a proxy or tunnel send that name as Host, and forward the same port.`
      );
    },
    foreignOrigin({ headers: { origin } }) {
      if (origin === undefined) return undefined;
      const isOwn = NAMES.some((name) => origin === originOf(name, port()));
      return isOwn ? undefined : origin;
    },
  };
}

/** Pages of other servers on this machine, such as the one that a front end is developed with. */
export const isOriginOfThisMachine = (origin: string): boolean =>
  /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(origin);

const originOf = (name: string, port: number): string =>
  port === HTTP_PORT ? `http://${name}` : `http://${name}:${port}`;

/** In plain text, whatever protocol the sender speaks; what else it sends is not read. */
export function refuse(response: ServerResponse, problem: string): void {
  response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(`${problem}\n`);
}
