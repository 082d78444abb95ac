import { describe, expect, it } from 'vitest';
import { ExternalUnauthorizedError } from '../../../lib/resilience/errors.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { parseSyncItem } from '../../../lib/sync/sync-item.ts';
import { SYNC_TABLE } from '../../../lib/sync/table.ts';
import { createTokenKeeper, type Tokens } from '../../../lib/sync/tokens.ts';
import { createTenancy, createTenantTable } from '../../../lib/tenancy/index.ts';
import { createInMemoryTableStore } from '../../../lib/testing/in-memory-table-store.ts';
import { createTestOutbox } from '../../fixtures/outbox.ts';

/** A provider whose refresh tokens work once. */
function createRig() {
  const { outbox, tables, clock } = createTestOutbox({ sync: SYNC_TABLE });
  const tenancy = createTenancy({ mode: 'none', audit: { crossTenantWork: () => undefined } });
  const store = createInMemoryTableStore(tables);
  const table = createTenantTable({
    store,
    outbox,
    tenancy,
    tableName: 'sync',
    schema: SYNC_TABLE,
    parse: parseSyncItem,
  });
  let owners = 0;
  const keeper = createTokenKeeper({ table, clock, newToken: () => `owner-${++owners}` });
  let valid = 1;
  const burnt: string[] = [];
  const tokens = (number: number): Tokens => ({
    access: `access-${number}`,
    refresh: `refresh-${number}`,
    expiresAt: (clock.now() + 3_600_000) as EpochMs,
  });
  const refresh = async (refreshToken: string): Promise<Tokens> => {
    if (refreshToken !== `refresh-${valid}`) {
      burnt.push(refreshToken);
      throw new ExternalUnauthorizedError('supplier', 'the token was used');
    }
    valid += 1;
    return tokens(valid);
  };
  return { keeper, clock, refresh, burnt, tokens };
}

describe('trap 13: two refreshes of a token that works once', () => {
  it('are one: the other execution gets the token that is still good, or waits', async () => {
    const { keeper, clock, refresh, burnt, tokens } = createRig();
    await keeper.store('supplier', tokens(1));
    clock.advance(3_580_000);
    const gate = Promise.withResolvers<void>();
    const slow = keeper.accessToken('supplier', async (token) => {
      await gate.promise;
      return refresh(token);
    });
    await new Promise(setImmediate);

    expect(await keeper.accessToken('supplier', refresh)).toBe('access-1');
    clock.advance(20_500);
    await expect(keeper.accessToken('supplier', refresh)).rejects.toMatchObject({
      code: 'SYNC_TOKEN_BUSY',
      disposition: 'defer',
    });
    gate.resolve();
    expect(await slow).toBe('access-2');
    expect(await keeper.accessToken('supplier', refresh)).toBe('access-2');
    expect(burnt).toStrictEqual([]);
  });

  it('lose no token if the first one was slower than its claim', async () => {
    const { keeper, clock, refresh, tokens } = createRig();
    await keeper.store('supplier', tokens(1));
    clock.advance(3_600_000);
    const gate = Promise.withResolvers<void>();
    const slow = keeper.accessToken('supplier', async (token) => {
      await gate.promise;
      return refresh(token);
    });
    await new Promise(setImmediate);
    clock.advance(30_001);

    // it takes over the claim, is answered, and the slow one is refused by the provider
    expect(await keeper.accessToken('supplier', refresh)).toBe('access-2');
    gate.resolve();
    expect(await slow).toBe('access-2');
  });

  it('store what the provider gave, even if the claim was taken over meanwhile', async () => {
    const { keeper, clock, refresh, tokens } = createRig();
    await keeper.store('supplier', tokens(1));
    clock.advance(3_600_000);
    const gate = Promise.withResolvers<void>();
    const answered = keeper.accessToken('supplier', async (token) => {
      const fresh = await refresh(token);
      await gate.promise;
      return fresh;
    });
    await new Promise(setImmediate);
    clock.advance(30_001);
    // the provider refuses it: the first execution has used the token
    await expect(keeper.accessToken('supplier', refresh)).rejects.toMatchObject({ code: 'EXTERNAL_UNAUTHORIZED' });
    gate.resolve();

    expect(await answered).toBe('access-2');
    expect(await keeper.accessToken('supplier', refresh)).toBe('access-2');
  });
});

describe('the tokens of a provider', () => {
  it('are not refreshed before the last minute, and can be tried again after a refusal', async () => {
    const { keeper, clock, refresh, tokens } = createRig();
    await expect(keeper.accessToken('supplier', refresh)).rejects.toMatchObject({ code: 'SYNC_TOKENS_MISSING' });
    await keeper.store('supplier', tokens(1));
    clock.advance(3_539_999);
    expect(await keeper.accessToken('supplier', refresh)).toBe('access-1');
    clock.advance(1);
    const away = async () => {
      throw new Error('away');
    };

    await expect(keeper.accessToken('supplier', away)).rejects.toThrow('away');
    expect(await keeper.accessToken('supplier', refresh)).toBe('access-2');
  });
});
