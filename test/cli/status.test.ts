import { describe, expect, it } from 'vitest';
import { status } from '../../cli/commands/status.ts';
import { blockedBy } from '../lib/operations/rig.ts';
import { createOperation } from './operation-under-test.ts';

const ONCE = { consumer: undefined, everySeconds: undefined };

describe('status', () => {
  it('shows one screen', async () => {
    const { operation, out, rig } = createOperation();
    await rig.place('account#7', { seen: 2, blockedBy: blockedBy(1) });
    rig.clock.advance(90_000);

    expect(await status(ONCE, operation)).toBe(0);

    expect(out).toStrictEqual([
      'environment  dev',
      'at           2026-11-20 06:01:30Z',
      'pending      0',
      'quarantined  0',
      '',
      'CONSUMER  QUEUE  IN FLIGHT  DEAD  UNDELIVERABLE  RETRYING  DEFERRED  HELD GROUPS  WAIT   PAUSED',
      'billing   0      0          0     0              0         0         1            1 min  0',
      'mail      0      0          0     0              0         0',
    ]);
  });

  it('answers a line of JSON each time that it looks', async () => {
    const { operation, out } = createOperation({ json: true });
    let looks = 0;
    const sleep = async (ms: number) => {
      expect(ms).toBe(3_000);
      looks += 1;
      if (looks === 2) throw new Error('interrupted');
    };

    await expect(status({ consumer: 'billing', everySeconds: 3 }, { ...operation, sleep })).rejects.toThrow(
      'interrupted',
    );

    expect(out.map((line) => JSON.parse(line))).toMatchObject([
      { environment: 'dev', at: '2026-11-20T06:00:00.000Z', consumers: [{ name: 'billing' }] },
      { consumers: [{ name: 'billing' }] },
    ]);
  });
});
