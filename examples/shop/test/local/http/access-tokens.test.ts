import { describe, expect, it } from 'vitest';
import { createAccessTokens } from '../../../local/http/access-tokens.ts';

function createTokens(expiresInSeconds = 10) {
  let now = 0;
  let grants = 0;
  const grant = async () => ({ accessToken: `t-${++grants}`, expiresInSeconds });
  const tokens = createAccessTokens(grant, { now: () => now as ReturnType<typeof Date.now> as never });
  return { tokens, pass: (delayMs: number) => (now += delayMs) };
}

describe('access tokens', () => {
  it('are used until shortly before they expire', async () => {
    const { tokens, pass } = createTokens();

    expect(await tokens.current()).toBe('t-1');
    pass(8_000);
    expect(await tokens.current()).toBe('t-1');
    pass(1_500);
    expect(await tokens.current()).toBe('t-2');
  });

  it('are granted once for all who wait', async () => {
    const { tokens } = createTokens();

    expect(await Promise.all([tokens.current(), tokens.current(), tokens.renew()])).toStrictEqual([
      't-1',
      't-1',
      't-1',
    ]);
  });

  it('are not used again once they are refused', async () => {
    const { tokens } = createTokens();

    tokens.refused(await tokens.current());

    expect(await tokens.current()).toBe('t-2');
  });

  it('are remembered when their life is over', async () => {
    const { tokens, pass } = createTokens();
    await tokens.current();

    expect(tokens.expired()).toBeUndefined();
    pass(11_000);
    expect(tokens.expired()).toBe('t-1');
    await tokens.current();
    expect(tokens.expired()).toBe('t-1');
  });
});
