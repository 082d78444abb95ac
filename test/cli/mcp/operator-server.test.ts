import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../../cli/command-line.ts';
import { createOperatorServer, type RunCommand } from '../../../cli/mcp/operator-server.ts';

const EMPTY = { status: 0, result: '{}', notes: '' };

async function connect(run: RunCommand) {
  const client = new Client({ name: 'test', version: '1.0.0' });
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await createOperatorServer(run, '1.2.3').connect(theirs);
  await client.connect(ours);
  return client;
}

/** The command lines that calls of a tool come to. */
async function linesOf(name: string, args: Record<string, unknown>) {
  const lines: (readonly string[])[] = [];
  const client = await connect(async (line) => {
    lines.push(line);
    return EMPTY;
  });
  const { isError, content } = await client.callTool({ name, arguments: args });
  return { lines, isError, content };
}

describe('the tools of an assistant', () => {
  it('only read, and say so', async () => {
    const client = await connect(async () => EMPTY);

    const { tools } = await client.listTools();

    expect(tools.map(({ name }) => name)).toStrictEqual([
      'status',
      'count_failures',
      'list_failures',
      'show_failure',
      'list_held_groups',
      'list_pauses',
      'find_event',
      'trace',
      'list_sagas',
      'show_saga',
    ]);
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true);
    expect(client.getServerVersion()).toStrictEqual({ name: 'waybill', version: '1.2.3' });
  });

  it.each<[string, Record<string, unknown>, readonly string[]]>([
    ['status', {}, ['status']],
    ['count_failures', { consumer: 'billing', type: 'a' }, ['failures', 'list', '--consumer=billing', '--type=a']],
    [
      'list_failures',
      { fingerprint: '0123456789ab', limit: 5 },
      ['failures', 'list', '--fingerprint=0123456789ab', '--limit=5'],
    ],
    ['show_failure', { id: 'event-1' }, ['failures', 'show', 'event-1']],
    ['list_held_groups', { state: 'dead' }, ['held', '--state=dead']],
    ['list_pauses', {}, ['pause', 'list']],
    ['find_event', { id: 'event-1', group: 'order#1' }, ['where', 'event-1', '--group=order#1']],
    ['trace', { correlation: 'c-1' }, ['trace', 'c-1']],
    ['list_sagas', { saga: 'trips', status: 'running' }, ['sagas', 'list', 'trips', '--status=running']],
    ['show_saga', { saga: 'trips', id: '7' }, ['sagas', 'show', 'trips', '7']],
  ])('%s with %j runs %j', async (name, args, line) => {
    const { lines } = await linesOf(name, args);

    expect(lines).toStrictEqual([line]);
    expect(readCommandLine([...line, '--json'])).toMatchObject({ kind: 'action', output: 'json' });
  });

  it('take no option for a value', async () => {
    expect((await linesOf('status', { consumer: '--env=prod' })).lines).toStrictEqual([
      ['status', '--consumer=--env=prod'],
    ]);
    expect(await linesOf('show_failure', { id: '--help' })).toMatchObject({ lines: [], isError: true });
  });

  it('answer with an error if the command has no result', async () => {
    const client = await connect(async () => ({ status: 1, result: '', notes: 'there is no environment' }));

    expect(await client.callTool({ name: 'status', arguments: {} })).toMatchObject({
      isError: true,
      content: [{ type: 'text', text: 'there is no environment' }],
    });
  });
});
