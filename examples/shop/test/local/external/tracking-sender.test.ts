import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../../../local/clock.ts';
import { planTrackingChaos, type TrackingFault } from '../../../local/external/tracking-faults.ts';
import type { TrackingSecret } from '../../../local/external/tracking-secrets.ts';
import { createTrackingSender } from '../../../local/external/tracking-sender.ts';

const STATES = ['PICKED_UP', 'IN_TRANSIT', 'OUT_FOR_DELIVERY', 'DELIVERED'];

let closing = new AsyncDisposableStack();
afterEach(async () => {
  await closing.disposeAsync();
  closing = new AsyncDisposableStack();
});

/** A shop that verifies messages as the reference library does, and a carrier that tells it of parcels. */
async function createRig(faults: readonly (TrackingFault | undefined)[] = [], refuse: readonly number[] = []) {
  const secrets = new Map<string | undefined, TrackingSecret>();
  const puts: TrackingSecret[] = [];
  const accepted: { readonly id: string; readonly state: string; readonly url: string }[] = [];
  const refused: string[] = [];
  const injected: TrackingFault[] = [];
  const refusals = [...refuse];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const id = String(request.headers['webhook-id']);
    const account = request.url === '/' ? undefined : request.url?.slice(1);
    const { current = '', previous = '' } = secrets.get(account) ?? {};
    const isRight = [current, previous].filter(Boolean).some((secret) => {
      try {
        new Webhook(secret).verify(body, request.headers as Record<string, string>);
        return true;
      } catch {
        return false;
      }
    });
    if (!isRight) {
      refused.push(id);
      return void response.writeHead(401).end();
    }
    const status = refusals.shift();
    if (status !== undefined) return void response.writeHead(status).end();
    accepted.push({ id, state: JSON.parse(body).data.state, url: request.url ?? '' });
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = createMovableClock();
  const planned = [...faults];
  let refs = 0;
  const sender = createTrackingSender({
    clock,
    newRef: (prefix) => `${prefix}_${++refs}`,
    faults: () => planned.shift(),
    onFault: (fault) => void injected.push(fault),
    isLost: () => false,
  });
  closing.defer(async () => {
    sender.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { signal } = new AbortController();
  return {
    sender,
    clock,
    accepted,
    refused,
    injected,
    puts,
    connect: (accounts: readonly (string | undefined)[] = [undefined]) =>
      sender.connect({
        accounts,
        urlOf: (account) => `${url}/${account ?? ''}`,
        async putSecret(account, secret) {
          puts.push(secret);
          secrets.set(account, secret);
        },
      }),
    async tell(parcel = { account: undefined as string | undefined, reference: '1001', trackingCode: 'TRK_1' }) {
      sender.parcelBooked(parcel);
      await sender.idle(signal);
    },
  };
}

describe('a carrier that tells of its parcels', () => {
  it('signs a message for each station, so that the reference library accepts it', async () => {
    const { connect, tell, accepted, sender } = await createRig();
    await connect();

    await tell();

    expect(accepted.map(({ state }) => state)).toEqual(STATES);
    expect(sender.report()).toMatchObject({
      told: STATES.map((state) => ({ reference: '1001', trackingCode: 'TRK_1', state })),
      forged: [],
    });
  });

  it('tells of parcels that were booked before it knew where, and is busy until it has', async () => {
    const { connect, sender, accepted } = await createRig();
    sender.parcelBooked({ account: undefined, reference: '1001', trackingCode: 'TRK_1' });
    expect(sender.isBusy()).toBe(false);

    await connect();
    expect(sender.isBusy()).toBe(true);
    await sender.idle(new AbortController().signal);

    expect(accepted).toHaveLength(4);
  });

  it('tells each account at its own address, with its own secret', async () => {
    const { connect, tell, accepted, puts } = await createRig();
    await connect(['acme', 'zenith']);

    await tell({ account: 'zenith', reference: '1001', trackingCode: 'TRK_1' });

    expect(new Set(accepted.map(({ url }) => url))).toEqual(new Set(['/zenith']));
    expect(new Set(puts.map(({ current }) => current)).size).toBe(puts.length);
  });

  it.each([401, 429, 500, 503])('repeats a message under the same id after %i', async (status) => {
    const { connect, tell, accepted } = await createRig([], [status, status]);
    await connect();

    await tell();

    expect(accepted.map(({ state }) => state)).toEqual(STATES);
  });

  it.each<[TrackingFault, readonly number[]]>([
    ['duplicate', [0, 0, 1, 2, 3]],
    ['lost-answer', [0, 0, 1, 2, 3]],
    ['reorder', [1, 0, 2, 3]],
  ])('sends all messages under the fault %s, too', async (fault, order) => {
    const { connect, tell, accepted, injected, sender } = await createRig([fault]);
    await connect();

    await tell();

    expect(accepted.map(({ state }) => state)).toEqual(order.map((place) => STATES[place]));
    expect(new Set(accepted.map(({ id }) => id)).size).toBe(4);
    expect(sender.report().told).toHaveLength(4);
    expect(injected).toEqual([fault]);
  });

  it.each<TrackingFault>(['forge', 'tamper', 'retired-secret'])('has its forged message refused: %s', async (fault) => {
    const { connect, tell, accepted, refused, sender, injected } = await createRig([fault]);
    await connect();

    await tell();

    expect(refused).toHaveLength(1);
    expect(accepted.map(({ state }) => state)).toEqual(STATES);
    expect(sender.report().forged).toMatchObject([{ what: fault, status: 401 }]);
    expect(injected).toEqual([fault]);
  });

  it('rotates its secret without a message that is refused, and not before the last rotation is over', async () => {
    const { connect, tell, clock, refused, puts, injected } = await createRig(['rotate', undefined, 'rotate']);
    await connect();
    const before = puts.length;
    clock.advance(45_000);

    await tell();

    expect(refused).toEqual([]);
    expect(injected).toEqual(['rotate']);
    expect(puts.slice(before)).toEqual([{ current: expect.anything(), previous: puts[before - 1]?.current }]);
  });
});

it('a plan of faults has every kind, and the same ones for the same seed', () => {
  const draw = (seed: number) => {
    const plan = planTrackingChaos(seed);
    return Array.from({ length: 400 }, plan);
  };

  expect(draw(7)).toEqual(draw(7));
  expect(new Set(draw(7))).toEqual(
    new Set([undefined, 'duplicate', 'reorder', 'lost-answer', 'forge', 'tamper', 'retired-secret', 'rotate']),
  );
});
