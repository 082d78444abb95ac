import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createTokenIssuer, type TokenIssuer } from '../../local/http-api/token-issuer.ts';

/** A token issuer that answers on 127.0.0.1. */
export async function serveIssuer(): Promise<TokenIssuer & AsyncDisposable> {
  const served: { issuer?: TokenIssuer } = {};
  const server = createServer((request, response) => {
    served.issuer?.fetchJson(`${served.issuer.issuer}${request.url ?? ''}`).then(
      (content) => response.end(JSON.stringify(content)),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = createTokenIssuer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  served.issuer = issuer;
  return {
    ...issuer,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}
