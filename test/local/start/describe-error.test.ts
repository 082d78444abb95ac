import { describe, expect, it } from 'vitest';
import { describeError } from '../../../local/start/describe-error.ts';

describe('describeError', () => {
  it('gives only the message', () => {
    expect(describeError(new Error('no such table'), { verbose: false })).toBe('the run failed: no such table');
  });

  it('adds stack and causes when asked for more', () => {
    const error = new Error('outer', { cause: new Error('inner') });

    const text = describeError(error, { verbose: true });

    expect(text).toMatch(/^the run failed: Error: outer\n +at /);
    expect(text).toMatch(/\ncaused by Error: inner\n +at /);
  });

  it('says what to do if a port is in use', () => {
    const error = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE', port: 4566 });

    expect(describeError(error, { verbose: false })).toBe(
      'port 4566 is taken: choose another, or leave it out for a free one',
    );
  });

  it('says that a closed pipe has stopped the run', () => {
    const error = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });

    expect(describeError(error, { verbose: false })).toBe('the run was stopped: nobody reads its output any more');
  });

  it('names a thrown value that is not an error', () => {
    expect(describeError('odd', { verbose: false })).toBe('the run failed: odd');
  });
});
