import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import {
  createJsonClient,
  createPolicy,
  type JsonClientOptions,
  type PolicyLimitOptions,
} from '../../../lib/resilience/index.ts';
import { systemClock } from '../../../lib/shared/time.ts';
import { silentObserver } from '../../fixtures/silent-observer.ts';

export interface JsonServers {
  /** A system that answers as told, on this machine, until the test ends. Returns its URL. */
  serve(listener: RequestListener): Promise<string>;
}

/** Call it at the top of a test file. */
export function useJsonServers(): JsonServers {
  let closing = new AsyncDisposableStack();
  afterEach(async () => {
    await closing.disposeAsync();
    closing = new AsyncDisposableStack();
  });
  return {
    async serve(listener) {
      const server = createServer(listener);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      closing.defer(async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      });
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
  };
}

export const policyOf = (limits: PolicyLimitOptions = {}) =>
  createPolicy({
    timeoutMs: 4_000,
    retry: { maxTries: 1 },
    ...limits,
    name: 'tax-service',
    clock: systemClock,
    random: () => 0.5,
    observer: silentObserver,
  });

export const clientOf = (baseUrl: string, options: Partial<JsonClientOptions> = {}) =>
  createJsonClient({ baseUrl, policy: policyOf(), clock: systemClock, ...options });

export async function readAll<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const all: Value[] = [];
  for await (const value of values) all.push(value);
  return all;
}
