import { describe, expect, it } from 'vitest';
import { defineApi } from '../../../lib/definitions/index.ts';
import { parseEvent } from '../../../lib/event/index.ts';
import { EventLogger } from '../../../lib/shared/event-logger.ts';
import { createApiRig, JANE, type RigOptions } from './api-rig.ts';
import { ordersApi } from './orders-app.ts';

const place = (rig: ReturnType<typeof createApiRig>, claims: Readonly<Record<string, string>> = JANE) =>
  rig.send('POST /orders', { headers: { 'idempotency-key': 'k' }, body: { product: 'lamp', quantity: 1 }, claims });

/** The event of an order that is placed with these claims. */
async function eventOfOrder(claims: Readonly<Record<string, string>>, options: RigOptions = {}) {
  const rig = createApiRig(options);
  const { status } = await place(rig, claims);
  expect(status).toBe(202);
  return parseEvent(rig.events()[0]?.body ?? '');
}

describe('events of a route’s handler', () => {
  it('name who called, by the subject of the access token', async () => {
    expect(await eventOfOrder(JANE)).toMatchObject({ authtype: 'app_user', authid: 'jane' });
  });

  it.each([
    ['as RFC 9068 says it', { client_id: 'importer' }],
    ['as OpenID Connect says it', { azp: 'importer' }],
    ['as Auth0 says it', { gty: 'client-credentials' }],
  ])('name a client that acts for itself, %s', async (_, claims) => {
    expect(await eventOfOrder({ ...JANE, sub: 'importer', ...claims })).toMatchObject({
      authtype: 'service_account',
      authid: 'importer',
    });
  });

  it('name a user if the token was issued to another client', async () => {
    expect(await eventOfOrder({ ...JANE, client_id: 'web' })).toMatchObject({ authtype: 'app_user', authid: 'jane' });
  });

  it('name nobody if the API omits principals', async () => {
    const api = defineApi({ ...ordersApi, principal: 'omitted' });
    const event = await eventOfOrder({ ...JANE, sub: 'j'.repeat(300) }, { api });

    expect(event).not.toHaveProperty('authtype');
    expect(event).not.toHaveProperty('authid');
  });

  it.each(['j'.repeat(256), 'jane\u0007'])('are not published for a subject that no event carries', async (sub) => {
    const rig = createApiRig();

    expect(await place(rig, { ...JANE, sub })).toMatchObject({
      status: 401,
      json: {
        code: 'TOKEN_SUBJECT_INVALID',
        detail: "'sub' must have 1 to 255 characters, none of them a control character",
      },
    });
    expect(rig.commits()).toBe(0);
  });
});

describe('the lines of an API', () => {
  it('name no subject, neither of what is answered nor of what fails', async () => {
    const lines: string[] = [];
    const logger = new EventLogger({ serviceName: 'orders', logLevel: 'DEBUG' });
    const collect = (line: string) => void lines.push(line);
    const collecting = <L extends object>(log: L): L =>
      Object.assign(log, {
        console: { info: collect, error: collect, warn: collect, debug: collect },
        createChild: () => collecting(new EventLogger({ serviceName: 'orders', logLevel: 'DEBUG' })),
      });
    const rig = createApiRig({ deps: { logger: collecting(logger) } });
    const claims = { ...JANE, sub: 'subject-of-jane' };

    await place(rig, claims);
    rig.faults.onCommit = async () => {
      throw new Error('the table is away');
    };
    await rig.send('PUT /orders/{orderId}', {
      headers: { 'if-match': '"1"' },
      body: { product: 'lamp', quantity: 1 },
      params: { orderId: 'o-1' },
      claims,
    });

    expect(lines.join()).toContain('request answered');
    expect(lines.join()).toContain('a request failed');
    expect(lines.join()).not.toContain('subject-of-jane');
  });
});
