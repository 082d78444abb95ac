import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { PROJECT_ROOT, unpackPages } from './page-files.ts';

const { folder, paths } = unpackPages(
  'README.md',
  'docs/sagas.md',
  'docs/read-models.md',
  'docs/table-of-your-own.md',
  'docs/deploy.md',
  'docs/join-a-hub.md',
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the compiler says of the files; nothing when they compile. */
function complaints(): string {
  const config = {
    extends: join(PROJECT_ROOT, 'tsconfig.json'),
    // the pages' files here, the library there
    compilerOptions: { rootDir: '/' },
    files: paths,
    include: [],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  try {
    const tsc = join(PROJECT_ROOT, 'node_modules/typescript/bin/tsc');
    return execFileSync(process.execPath, [tsc, '--noEmit', '--project', folder], { encoding: 'utf8' });
  } catch (error) {
    return String((error as { readonly stdout?: unknown }).stdout ?? error);
  }
}

it('the tutorial pages contain the files that a reader creates', () => {
  expect(paths).toStrictEqual([
    'examples/shop/functions/thanks/subscription.ts',
    'examples/shop/functions/thanks/index.ts',
    'functions/rewards/events.ts',
    'functions/rewards/saga.ts',
    'functions/rewards/index.ts',
    'functions/rewards-desk/subscription.ts',
    'functions/rewards-desk/handler.ts',
    'functions/rewards-desk/index.ts',
    'examples/shop/infra/add-rewards.ts',
    'functions/open-orders/table.ts',
    'functions/open-orders/projection.ts',
    'functions/open-orders/index.ts',
    'functions/open-orders/rebuild/index.ts',
    'functions/open-orders/query/handler.ts',
    'functions/open-orders/query/index.ts',
    'examples/shop/infra/add-open-orders.ts',
    'functions/vouchers/table.ts',
    'functions/vouchers/voucher.ts',
    'functions/vouchers/events.ts',
    'functions/vouchers/subscription.ts',
    'functions/vouchers/handler.ts',
    'functions/vouchers/index.ts',
    'examples/shop/infra/add-vouchers.ts',
    'examples/shop/test/functions/vouchers.test.ts',
    'infra/placed-app.ts',
    'infra/add-thanks.ts',
    'infra/orders-app.ts',
    'infra/hub-by-exports.ts',
    'functions/checkout/events.ts',
    'functions/checkout/index.ts',
  ]);
});

it('the files of the tutorial pages compile unchanged', () => {
  expect(complaints()).toBe('');
});
