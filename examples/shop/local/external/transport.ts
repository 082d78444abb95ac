import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExternalFault } from './external-faults.ts';
import type { ForeignReply } from './foreign-system.ts';

/** As a crashed machine does: no FIN, so that clients see ECONNRESET. */
const reset = ({ socket }: IncomingMessage): void => void socket.resetAndDestroy();

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body, null, 2)}\n`);
}

function sendTrouble(response: ServerResponse, status: number, retryAfterSeconds: number | undefined): void {
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds));
  sendJson(response, status, { error: { code: 'TROUBLE', text: 'this was asked for' } });
}

/** Well framed, and not well formed. */
function sendHalf(response: ServerResponse, status: number, text: string): void {
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

/** Answers as the fault has it. @param perform is not called if the system does nothing */
export async function sendDisturbed(
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  fault: ExternalFault | undefined,
  perform: () => Promise<ForeignReply>,
  onDisturbed: () => void,
): Promise<void> {
  if (fault !== undefined) onDisturbed();
  if (fault?.kind === 'reset' && fault.when === 'before') return reset(request);
  if (fault?.kind === 'error') return sendTrouble(response, fault.status, fault.retryAfterSeconds);
  if (fault?.kind === 'throttle') return sendTrouble(response, 429, fault.retryAfterSeconds);
  const reply = await perform();
  switch (fault?.kind) {
    case 'reset':
      return reset(request);
    case 'hang':
      return;
    case 'malformed':
      return sendHalf(response, reply.status, JSON.stringify(reply.body));
    case 'odd':
      return sendJson(response, fault.status ?? reply.status, fault.body);
    default:
      return sendJson(response, reply.status, reply.body);
  }
}
