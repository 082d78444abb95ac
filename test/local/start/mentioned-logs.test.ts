import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refuseUnmentionedLogs } from '../../../local/start/mentioned-logs.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../../local/temporary-folder.ts';

let folder: TemporaryFolder;

beforeAll(() => {
  folder = createTemporaryFolder();
  const write = (path: string, text: string) => {
    mkdirSync(join(folder.path, path, '..'), { recursive: true });
    writeFileSync(join(folder.path, path), text);
  };
  write('cdk.json', JSON.stringify({ watch: { include: ['src/**'], exclude: ['**/test/**'] } }));
  write('src/billing.ts', "defineSubscription({ name: 'billing', events: [] });");
  write('src/view/view.ts', `new Query(this, { serviceName: \`\${projection.name}-query\` });`);
  write('src/test/billing.test.ts', "'ledger'");
  write('other/ledger.ts', "'ledger'");
});

afterAll(() => folder[Symbol.dispose]());

describe('refuseUnmentionedLogs', () => {
  it.each(['billing', 'billing-query', 'Shop-PlaceOrderC1FF4CFE-7nzx06uOoDu7'])('lets %s pass', (name) => {
    expect(() => refuseUnmentionedLogs([name], folder.path)).not.toThrow();
  });

  it('refuses a name that no source mentions, and proposes the nearest one', () => {
    expect(() => refuseUnmentionedLogs(['billing', 'biling'], folder.path)).toThrow(
      expect.objectContaining({
        code: 'LOCAL_USAGE',
        message:
          "--logs must name a consumer or function, got 'biling', which no source mentions; did you mean 'billing'?",
      }),
    );
  });

  it('ignores mentions in files that are not watched', () => {
    expect(() => refuseUnmentionedLogs(['ledger'], folder.path)).toThrow(
      "--logs must name a consumer or function, got 'ledger', which no source mentions",
    );
  });
});
