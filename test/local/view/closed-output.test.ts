import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { whenOutputCloses } from '../../../local/view/closed-output.ts';

const errorOf = (code: string) => Object.assign(new Error(`write ${code}`), { code });

describe('whenOutputCloses', () => {
  it('reports once that an output is closed, for either output', () => {
    const [stdout, stderr] = [new EventEmitter(), new EventEmitter()];
    const told: Error[] = [];
    whenOutputCloses([stdout, stderr], (error) => told.push(error));
    const first = errorOf('EPIPE');

    stdout.emit('error', first);
    stdout.emit('error', errorOf('EPIPE'));
    stderr.emit('error', errorOf('EPIPE'));

    expect(told).toStrictEqual([first]);
  });

  it('hides no other failure of an output', () => {
    const stdout = new EventEmitter();
    whenOutputCloses([stdout], () => {});

    expect(() => stdout.emit('error', errorOf('ENOSPC'))).toThrow('write ENOSPC');
  });
});
