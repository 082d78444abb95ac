import type { IncomingMessage, ServerResponse } from 'node:http';

/** As a crashed machine does: no FIN, so that clients see ECONNRESET. */
export const reset = ({ socket }: IncomingMessage): void => void socket.resetAndDestroy();

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body, null, 2)}\n`);
}

export function sendTrouble(response: ServerResponse, status: number, retryAfterSeconds: number | undefined): void {
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds));
  sendJson(response, status, { error: { code: 'TROUBLE', text: 'this was asked for' } });
}

/** Well framed, and not well formed. */
export function sendHalf(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(text.slice(0, Math.floor(text.length / 2)));
}

export const isJson = ({ headers }: IncomingMessage): boolean =>
  /^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');

/** Undefined for anything but a JSON object. */
export async function readJson(request: IncomingMessage): Promise<Readonly<Record<string, unknown>> | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? (body as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
