import { describe, expect, it } from 'vitest';
import { disturbed, type HttpFault, type HttpFaultName, planHttpChaos } from '../../../local/http/http-faults.ts';
import { createHttpJournal } from '../../../local/http/http-journal.ts';
import { NoAnswerError } from '../../../local/http/send-request.ts';
import { createFakeApi, type FakeAnswer } from './fake-api.ts';

const REQUEST = {
  method: 'POST',
  path: '/orders',
  headers: { 'idempotency-key': 'k-1', authorization: 'Bearer new' },
  body: '{}',
};
const PLACED = { status: 202, body: { orderId: 'o-1' } };
const { signal } = new AbortController();

function createDisturbed(fault: HttpFault, answers: readonly FakeAnswer[], expired: string | null = 'old') {
  const { send, requests } = createFakeApi(answers);
  const journal = createHttpJournal();
  const faults: HttpFaultName[] = [];
  const onFault = (name: HttpFaultName) => void faults.push(name);
  const tokens = { expired: () => expired ?? undefined };
  return { send: disturbed({ send, plan: () => fault, tokens, journal, onFault }), requests, journal, faults };
}

describe('trouble on the way to the API', () => {
  it('loses an answer after the command was done', async () => {
    const { send, requests, faults } = createDisturbed('lost-answer', [PLACED]);

    await expect(send(REQUEST, signal)).rejects.toThrow(NoAnswerError);
    expect([requests.length, faults]).toStrictEqual([1, ['http-lost-answer']]);
  });

  it('throttles a request before the API sees it', async () => {
    const { send, requests, faults } = createDisturbed('throttle', [PLACED]);

    expect(await send(REQUEST, signal)).toMatchObject({ status: 429 });
    expect([requests.length, faults]).toStrictEqual([0, ['http-throttle']]);
  });

  it('sends a token whose life is over, if there is one', async () => {
    const old = createDisturbed('expired-token', [{ status: 401 }]);
    const young = createDisturbed('expired-token', [PLACED], null);

    expect(await old.send(REQUEST, signal)).toMatchObject({ status: 401 });
    expect(old.requests[0]?.headers['authorization']).toBe('Bearer old');
    expect(await young.send(REQUEST, signal)).toMatchObject(PLACED);
    expect(young.faults).toStrictEqual([]);
  });

  it.each<HttpFault>(['repeat', 'at-once'])('finds no fault with equal answers to one command: %s', async (fault) => {
    const { send, requests, journal, faults } = createDisturbed(fault, [PLACED, PLACED]);

    expect(await send(REQUEST, signal)).toMatchObject(PLACED);
    expect([requests.length, faults, journal.findings]).toStrictEqual([2, [`http-${fault}`], []]);
  });

  it.each<HttpFault>(['repeat', 'at-once'])('tells of a command that was done twice: %s', async (fault) => {
    const { send, journal } = createDisturbed(fault, [PLACED, { status: 202, body: { orderId: 'o-2' } }]);

    await send(REQUEST, signal);

    expect(journal.findings).toStrictEqual(['POST /orders was answered 202 "o-1" and 202 "o-2" under one key']);
  });

  it('takes the answer of the one of two requests that was worked on', async () => {
    const { send, journal } = createDisturbed('at-once', [{ status: 409 }, PLACED]);

    expect(await send(REQUEST, signal)).toMatchObject(PLACED);
    expect(journal.findings).toStrictEqual([]);
  });
});

describe('the plan of this trouble', () => {
  const draw = (seed: number, key?: string) => {
    const plan = planHttpChaos(seed);
    return Array.from({ length: 600 }, (_, index) =>
      plan({ ...REQUEST, headers: { 'idempotency-key': key ?? `k-${index}` } }),
    );
  };

  it('has every kind, and is the same for the same seed', () => {
    expect(new Set(draw(7))).toStrictEqual(
      new Set([undefined, 'lost-answer', 'repeat', 'at-once', 'expired-token', 'throttle']),
    );
    expect(draw(7)).toStrictEqual(draw(7));
    expect(draw(7)).not.toStrictEqual(draw(8));
  });

  it('leaves a command alone in the end', () => {
    expect(draw(7, 'k-1').filter((fault) => fault !== undefined)).toHaveLength(3);
  });

  it('repeats nothing that has no key', () => {
    const plan = planHttpChaos(7);
    const kinds = new Set(Array.from({ length: 600 }, () => plan({ ...REQUEST, headers: {} })));

    expect(kinds).toStrictEqual(new Set([undefined, 'lost-answer', 'expired-token', 'throttle']));
  });
});
