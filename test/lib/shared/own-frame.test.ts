import { describe, expect, it } from 'vitest';
import { ownCodeAt, ownFrameIn } from '../../../lib/shared/own-frame.ts';

const CLONE = ownCodeAt('/srv/app/lib/shared/own-frame.ts');
const PACKAGE = ownCodeAt('/srv/app/node_modules/waybill/lib/shared/own-frame.ts');

const stackOf = (...frames: readonly string[]) =>
  ['TypeError: no', ...frames.map((frame) => `    at ${frame}`)].join('\n');

describe('the first frame of the user’s own code', () => {
  it.each([
    ['a named function', 'charge (/srv/app/functions/billing/handler.ts:12:9)'],
    ['a function without a name', '/srv/app/functions/billing/handler.ts:12:9'],
    ['an awaited function', 'async charge (/srv/app/functions/billing/handler.ts:12:9)'],
    ['an awaited function without a name', 'async /srv/app/functions/billing/handler.ts:12:9'],
    ['a module of its own', 'charge (file:///srv/app/functions/billing/handler.ts:12:9)'],
    ['an awaited module', 'async file:///srv/app/functions/billing/handler.ts:12:9'],
    ['a method', 'Gateway.charge [as handler] (/srv/app/functions/billing/handler.ts:12:9)'],
    ['a constructor', 'new Gateway (/srv/app/functions/billing/handler.ts:12:9)'],
  ])('is reported as file and line, relative to the project’s root: %s', (_, frame) => {
    expect(ownFrameIn(stackOf(frame), PACKAGE)).toBe('functions/billing/handler.ts:12');
  });

  it('is the first one outside Node, packages and Waybill itself', () => {
    const stack = stackOf(
      'Array.map (<anonymous>)',
      'parse (/srv/app/node_modules/zod/v4/core/parse.js:22:19)',
      'process.processTicksAndRejections (node:internal/process/task_queues:104:5)',
      'Object.publish (/srv/app/lib/outbox/unit-of-work.ts:151:21)',
      'charge (/srv/app/functions/billing/charge.ts:7:3)',
      'handle (/srv/app/functions/billing/handler.ts:12:9)',
      'attemptEvent (/srv/app/lib/consumer/attempt.ts:90:9)',
    );

    expect(ownFrameIn(stack, CLONE)).toBe('functions/billing/charge.ts:7');
  });

  it('can be in a folder with the same name as one of Waybill’s', () => {
    expect(ownFrameIn(stackOf('money (/srv/app/lib/outbox/money.ts:3:1)'), PACKAGE)).toBe('lib/outbox/money.ts:3');
  });

  it('is found in Lambda with source maps that lead to the root of the file system', () => {
    const own = ownCodeAt('/lib/shared/own-frame.ts');
    const stack = stackOf(
      'attemptEvent (/lib/consumer/attempt.ts:90:9)',
      'handle (/functions/billing/handler.ts:12:9)',
    );

    expect(ownFrameIn(stack, own)).toBe('functions/billing/handler.ts:12');
  });

  it('keeps its full path outside the project, including spaces and non-ASCII letters', () => {
    expect(ownFrameIn(stackOf('f (file:///home/ann/my%20caf%C3%A9/a.ts:1:2)'), CLONE)).toBe('/home/ann/my café/a.ts:1');
    expect(ownFrameIn(stackOf('f (C:\\work\\a b\\a.ts:1:2)'), CLONE)).toBe('C:/work/a b/a.ts:1');
  });

  it.each([
    ['no frames', 'Error: no'],
    ['frames of others alone', stackOf('parse (/srv/app/node_modules/zod/parse.js:1:1)', 'f (node:fs:1:1)')],
    ['a message that looks like a frame', 'Error: at charge, see /srv/app/a.ts:1:2'],
    ['code without a file', stackOf('eval (eval at f (/srv/app/a.ts:1:2), <anonymous>:1:1)')],
  ])('is not reported without a source position: %s', (_, stack) => {
    expect(ownFrameIn(stack, CLONE)).toBeUndefined();
  });

  it('is not reported for a bundle without source maps', () => {
    const own = ownCodeAt('/var/task/index.mjs');

    expect(ownFrameIn(stackOf('a (file:///var/task/index.mjs:1:20345)'), own)).toBeUndefined();
  });

  it('is that of this test, by default', () => {
    expect(ownFrameIn(new Error('here').stack ?? '')).toMatch(/^test\/lib\/shared\/own-frame\.test\.ts:\d+$/);
  });
});
