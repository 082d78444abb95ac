import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { InterruptedError, listenForInterruption } from '../../../local/start/interruption.ts';

const listen = () => {
  const process = new EventEmitter();
  const killed: number[] = [];
  const told: string[] = [];
  const time = { now: 0 };
  const interruption = listenForInterruption({
    process,
    now: () => time.now,
    kill: (exitStatus) => killed.push(exitStatus),
    onFirst: () => told.push('stopping'),
  });
  return { process, killed, told, time, interruption };
};

describe('listenForInterruption', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])('asks the run to stop at the first %s', (name, exitStatus) => {
    const { process, killed, told, interruption } = listen();

    process.emit(name, name);

    expect(interruption.signal.reason).toBeInstanceOf(InterruptedError);
    expect(interruption.signal.reason).toMatchObject({ exitStatus });
    expect(told).toEqual(['stopping']);
    expect(killed).toEqual([]);
  });

  it('stops at once at the second Ctrl-C', () => {
    const { process, killed, time } = listen();
    process.emit('SIGINT', 'SIGINT');

    time.now = 501;
    process.emit('SIGINT', 'SIGINT');

    expect(killed).toEqual([130]);
  });

  it('treats the Ctrl-C that npm passes on as the same one that the terminal sent', () => {
    const { process, killed, time } = listen();
    process.emit('SIGINT', 'SIGINT');

    time.now = 500;
    process.emit('SIGINT', 'SIGINT');

    expect(killed).toEqual([]);
  });

  it.each(['uncaughtException', 'unhandledRejection'])('stops the run with the error of an %s', (name) => {
    const { process, interruption } = listen();
    const error = new Error('broken');

    process.emit(name, error);

    expect(interruption.signal.reason).toBe(error);
  });

  it('stops listening after it is disposed of', () => {
    const { process, interruption } = listen();

    interruption[Symbol.dispose]();

    expect(process.eventNames()).toEqual([]);
  });
});
