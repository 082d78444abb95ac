/**
 * Replaces the thread's `Date` by one that is ahead of the machine by `offset[0]` milliseconds, read anew each time.
 * Timers keep the machine's pace: only what the function reads as the time moves.
 */
export function followClock(offset: BigInt64Array): void {
  const MachineDate = globalThis.Date;
  const now = () => MachineDate.now() + Number(Atomics.load(offset, 0));

  function ClockDate(...args: unknown[]): unknown {
    if (new.target === undefined) return new MachineDate(now()).toString();
    return Reflect.construct(MachineDate, args.length === 0 ? [now()] : args, new.target);
  }
  // shared, so that `instanceof Date` holds for dates made before and after
  ClockDate.prototype = MachineDate.prototype;
  Object.setPrototypeOf(ClockDate, MachineDate);
  Object.defineProperties(ClockDate, {
    name: { value: 'Date' },
    length: { value: MachineDate.length },
    now: { value: now, configurable: true, writable: true },
  });
  Object.defineProperty(MachineDate.prototype, 'constructor', { value: ClockDate, configurable: true, writable: true });
  Object.defineProperty(globalThis, 'Date', { value: ClockDate, configurable: true, writable: true });
}
