import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { millisecondsOf } from '../../measure.ts';
import type { Connection } from '../connection.ts';

export interface CallEdge extends Connection {
  readonly apiUrl: string;
  readonly token: string;
  readonly bareFunctionName: string;
  /** Of each kind. */
  readonly requests: number;
  /** From one request of a kind to the next one of the same kind. */
  readonly everyMs: number;
}

/** Milliseconds of each request. */
export interface EdgeTimes {
  readonly get: readonly number[];
  readonly post: readonly number[];
  readonly bare: readonly number[];
}

/** Sends a GET, a POST and a bare invocation in turns, so that whatever else the machine does meets all three alike. */
export async function callEdge(input: CallEdge): Promise<EdgeTimes> {
  const { apiUrl, token, bareFunctionName: FunctionName, requests, everyMs, endpointUrl: endpoint, region } = input;
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const lambda = new LambdaClient({ endpoint, region, credentials });
  const authorization = `Bearer ${token}`;

  const place = async (): Promise<string> => {
    const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const body = JSON.stringify({ product: 'lamp', quantity: 2 });
    const answer = await fetch(`${apiUrl}/orders`, { method: 'POST', headers, body });
    if (answer.status !== 202) throw new Error(`POST /orders was answered ${answer.status}: ${await answer.text()}`);
    return ((await answer.json()) as { readonly orderId: string }).orderId;
  };
  const show = async (orderId: string) => {
    const answer = await fetch(`${apiUrl}/orders/${orderId}`, { headers: { authorization } });
    if (answer.status !== 200) throw new Error(`GET was answered ${answer.status}: ${await answer.text()}`);
    await answer.json();
  };

  const orderId = await place();
  const works: Readonly<Record<keyof EdgeTimes, () => Promise<unknown>>> = {
    get: () => show(orderId),
    post: place,
    bare: () => lambda.send(new InvokeCommand({ FunctionName, Payload: '{}' })),
  };
  const kinds = Object.entries(works) as readonly (readonly [keyof EdgeTimes, () => Promise<unknown>])[];
  const times = { get: [] as number[], post: [] as number[], bare: [] as number[] };
  const sent: Promise<unknown>[] = [];
  for (let request = 0; request < requests; request++) {
    for (const [kind, work] of kinds) {
      sent.push(millisecondsOf(work).then((tookMs) => times[kind].push(tookMs)));
      await setTimeout(everyMs / kinds.length);
    }
  }
  await Promise.all(sent);
  lambda.destroy();
  return times;
}
