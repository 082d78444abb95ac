import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { main } from '../../../cli/openapi/main.ts';

const MODULE = 'test/lib/http/orders-app.ts';

let folder: string;
let written: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waybill-openapi-'));
  written = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

describe('waybill openapi', () => {
  it('prints the description of the APIs that a file exports', async () => {
    expect(await main([MODULE])).toBe(0);
    expect(JSON.parse(written.join(''))).toMatchObject({ info: { title: 'Orders', version: '1.0.0' } });
  });

  it('writes it, and says whether it has drifted', async () => {
    const out = join(folder, 'openapi.json');

    expect(await main([MODULE, '--out', out, '--check'])).toBe(1);
    expect(await main([MODULE, '--out', out])).toBe(0);
    expect(await main([MODULE, '--out', out, '--check'])).toBe(0);
    writeFileSync(out, readFileSync(out, 'utf8').replace('"Orders"', '"Carts"'));
    expect(await main([MODULE, '--out', out, '--check'])).toBe(1);
    expect(written.at(-1)).toBe(
      `${out} is not what the routes of ${MODULE} say: run the same command without --check\n`,
    );
  });

  it.each([
    [[], 'openapi needs the file that exports the API'],
    [[MODULE, '--check'], '--check needs --out FILE, the file to compare with'],
    [[MODULE, '--issuer', 'auth'], "--issuer must be a URL, got 'auth'"],
    [
      [MODULE, '--export', 'cartsApi'],
      `${MODULE} exports no API 'cartsApi', a result of defineApi: choose from ordersApi`,
    ],
    [['lib/shared/time.ts'], 'lib/shared/time.ts exports no API, a result of defineApi'],
  ])('refuses %j', async (args, problem) => {
    expect(await main(args)).toBe(2);
    expect(written.join('')).toContain(problem);
  });
});
