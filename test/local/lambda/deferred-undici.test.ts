import { describe, expect, it } from 'vitest';
import { openLambda } from './lambda-under-test.ts';

const LOADED = "process.moduleLoadList.some((name) => name.includes('undici/undici'))";

describe("Node's http in an environment", () => {
  it('does not load undici when it is imported', async () => {
    await using host = openLambda();
    const importing = host.add(`
      export const handler = async () => {
        const { Agent } = await import('node:http');
        return [typeof Agent, ${LOADED}];
      };`);

    expect(await host.call(importing)).toStrictEqual(['function', false]);
  });

  it('has the classes of undici, which work as anywhere', async () => {
    await using host = openLambda();
    const using = host.add(`
      import { MessageEvent, WebSocket } from 'node:http';
      class Own extends MessageEvent {}
      export const handler = async () => {
        const event = new MessageEvent('message', { data: 7 });
        return [
          event.data,
          event instanceof MessageEvent,
          event instanceof globalThis.MessageEvent,
          new Own('own') instanceof Own,
          new Own('own').type,
          WebSocket.OPEN,
          'OPEN' in WebSocket,
          MessageEvent.name,
          ${LOADED},
        ];
      };`);

    expect(await host.call(using)).toStrictEqual([7, true, true, true, 'own', 1, true, 'MessageEvent', true]);
  });
});
