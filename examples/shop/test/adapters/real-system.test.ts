import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createHttpMailer } from '../../functions/notifications/http-mailer.ts';
import { mailOf, signal } from './mailer.ts';
import { realSystem } from './real-system.ts';

it('a contract suite calls the system that the environment names, with its key', async () => {
  const seen: unknown[] = [];
  const server = createServer((request, response) => {
    seen.push([request.url, request.headers.authorization]);
    response.writeHead(202).end('{"messageId":"m","queueState":"ACCEPTED"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v3`;
  const real = realSystem('mailer', { CONTRACT_MAILER_URL: url, CONTRACT_MAILER_KEY: 'k-1' });
  if (real === undefined) throw new Error('there must be a system');

  await createHttpMailer(real.client()).send(mailOf(), signal);
  server.closeAllConnections();
  server.close();

  expect(seen).toEqual([['/v3/messages', 'Bearer k-1']]);
});

it('a contract suite has no real system if the environment names none', () => {
  expect(realSystem('payment-gateway', { CONTRACT_MAILER_URL: 'https://mail.example.com' })).toBeUndefined();
});

it('a key without a URL is a mistake', () => {
  expect(() => realSystem('payment-gateway', { CONTRACT_PAYMENT_GATEWAY_KEY: 'k' })).toThrow(
    "CONTRACT_PAYMENT_GATEWAY_KEY is set, and CONTRACT_PAYMENT_GATEWAY_URL is not: set the system's URL",
  );
});
