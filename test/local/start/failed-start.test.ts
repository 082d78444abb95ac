import { describe, expect, it } from 'vitest';
import { createStartFailures } from '../../../local/lambda/start-failures.ts';
import { stopAtFailedStart, warnOfFailedStarts } from '../../../local/start/failed-start.ts';
import { plain } from '../../../local/view/paint.ts';

const BROKEN = {
  errorType: 'TypeError',
  errorMessage: 'no url',
  trace: ['TypeError: no url', '    at file:///elsewhere/functions/payments/index.ts:7:3'],
};

function watched({ watch = false, failsBefore = false, report = stopAtFailedStart } = {}) {
  const warned: string[] = [];
  const { note, ...startFailures } = createStartFailures();
  if (failsBefore) note('payments-fn', BROKEN);
  const functions = [{ functionName: 'payments-fn', constructPath: 'Shop/Payments/Function/Resource' }] as never;
  const screen = { warn: (text: string) => void warned.push(text), paint: { line: plain, warn: plain, log: plain } };
  const stop = report({ deployment: { functions }, lambda: { startFailures } }, screen, { watch });
  return { stop, warned, note, startFailures };
}

describe('a function that cannot start', () => {
  it('ends the run with its error, and names the function and the place', () => {
    const { stop, warned, note } = watched();

    note('payments-fn', BROKEN);
    note('other-fn', BROKEN);

    const message =
      'Shop/Payments/Function cannot start: TypeError: no url, at /elsewhere/functions/payments/index.ts:7';
    expect(stop.signal.reason).toMatchObject({ code: 'LOCAL_FUNCTION_START_FAILED', message });
    expect(warned).toEqual([`\n${message}\nThe run ends here: a retry would fail in the same way.\n`]);
  });

  it('ends the run if it failed before the listener was added', () => {
    expect(watched({ failsBefore: true }).stop.signal.aborted).toBe(true);
  });

  it('is reported once for each error while the code is watched, and again after a successful start', () => {
    const { stop, warned, note, startFailures } = watched({ watch: true });

    note('payments-fn', BROKEN);
    note('payments-fn', BROKEN);
    note('payments-fn', { ...BROKEN, errorMessage: 'no key' });
    note('payments-fn', undefined);
    expect(startFailures.list()).toEqual([]);
    note('payments-fn', BROKEN);

    expect(stop.signal.aborted).toBe(false);
    expect(warned[0]).toContain('\nFix it: the next start of the function takes the new code.\n');
    expect(warned.map((text) => /TypeError: (no \w+)/.exec(text)?.[1])).toEqual(['no url', 'no key', 'no url']);
  });

  it('is reported by a run that stays up without watching, which says that a new start or --watch takes the new code', () => {
    const { warned, note } = watched({ report: warnOfFailedStarts as typeof stopAtFailedStart });

    note('payments-fn', BROKEN);

    expect(warned).toHaveLength(1);
    expect(warned[0]).toMatch(/\nFix it and start again; a run with --watch takes the new code by itself\.\n$/);
  });
});
