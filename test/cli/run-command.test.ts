import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../cli/run-command.ts';
import { createTestClock } from '../fixtures/event-maker.ts';

/** Runs a command whose clients cannot be opened. */
async function run(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const status = await runCommand(args, {
    openClients: () => {
      throw Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:4566'), { code: 'ECONNREFUSED' });
    },
    clock: createTestClock(),
    sleep: async () => undefined,
    console: {
      isTerminal: false,
      line: (text) => void out.push(text),
      note: (text) => void err.push(text),
      progress: () => undefined,
      confirm: async () => true,
    },
    operator: 'ann@desk',
  });
  return { status, out: out.join('\n'), err: err.join('\n') };
}

describe('npx waybill', () => {
  it('shows the help of all commands, and of each one, without a call to AWS', async () => {
    const all = await run('--help');
    const one = await run('where', '--help');

    expect(all).toMatchObject({ status: 0, err: '' });
    for (const name of ['start', 'held', 'skip', 'resend', 'where', 'audit', 'rebuild', 'sagas'])
      expect(all.out).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect(one.status).toBe(0);
    expect(one.out).toContain('Usage: npx waybill where EVENT_ID');
  });

  it.each(['--version', '-v'])('shows its version by %s, without a call to AWS', async (option) => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));

    expect(await run(option)).toStrictEqual({ status: 0, out: version, err: '' });
    expect(await run(option, 'now')).toStrictEqual({ status: 2, out: '', err: "unexpected argument 'now'" });
  });

  it('exits with 2 for an invalid command line', async () => {
    expect(await run('hold')).toStrictEqual({
      status: 2,
      out: '',
      err: "unknown command 'hold': did you mean held? choose from start, init, openapi, complete, mcp, status, held, failures, redrive, skip, pause, resume, resend, deliver, republish, keep, fill, heads, where, trace, audit, reconcile, replay, rebuild, sagas, sync, settings, trail, iam, or --help",
    });
  });

  it('refuses a wrong value of a setting before it calls AWS, which needs a region', async () => {
    expect(await run('settings', 'set', 'maxAttempts=1001')).toStrictEqual({
      status: 2,
      out: '',
      err: expect.stringContaining('maxAttempts must be a whole number of attempts from 1 to 1000, got 1001'),
    });
    expect((await run('settings', 'set', 'maxAttempts=4')).err).toContain('ECONNREFUSED');
  });

  it('exits with 3 if the command takes longer than its timeout', async () => {
    const err: string[] = [];
    const never = { send: () => new Promise(() => undefined) } as never;

    const status = await runCommand(['held', '--command-timeout', '30', '--profile', 'ops'], {
      openClients: ({ profile }) => {
        err.push(`profile ${profile}`);
        const lambda = Object.assign(new LambdaClient({ region: 'eu-west-1' }), never);
        return { dynamoDb: never, sqs: never, lambda };
      },
      clock: createTestClock(),
      sleep: async () => undefined,
      console: {
        isTerminal: false,
        line: () => undefined,
        note: (text) => void err.push(text),
        progress: () => undefined,
        confirm: async () => true,
      },
      operator: 'ann@desk',
      timeoutSignal: (ms) => (ms === 30_000 ? AbortSignal.timeout(1) : AbortSignal.abort()),
    });

    expect({ status, err }).toStrictEqual({
      status: 3,
      err: [
        'profile ops',
        'stopped after 30 s, as --command-timeout says: what was done stays; run the command again to continue',
      ],
    });
  });

  it('exits with 1 if a call fails, and says what to do', async () => {
    expect(await run('held')).toStrictEqual({
      status: 1,
      out: '',
      err: 'connect ECONNREFUSED 127.0.0.1:4566: nothing answers at the endpoint: is the local run up, and AWS_ENDPOINT_URL the one that it printed?',
    });
  });
});
