import { once } from 'node:events';
import { createServer } from 'node:net';
import { UsageError } from './usage-error.ts';

/**
 * Tries a port of 127.0.0.1 before anything that takes time. Somebody may still take it until it is used.
 * @param port 0 is any free one
 * @throws UsageError `LOCAL_USAGE` when it cannot be listened at
 */
export async function refuseTakenPort(port: number): Promise<void> {
  if (port === 0) return;
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const reason = code === 'EADDRINUSE' ? 'is taken' : `cannot be listened at (${String(code ?? error)})`;
    throw new UsageError(`port ${port} ${reason}: choose another, or leave it out for a free one`, { cause: error });
  }
  server.close();
  await once(server, 'close');
}
