import type { EngineClock } from '../../../../local/clock.ts';
import type { Screen } from '../../../../local/view/screen.ts';
import { type Progress, progressBlock, progressLine } from './progress.ts';

export interface ShowProgressOptions {
  readonly screen: Screen;
  readonly clock: EngineClock;
  readonly read: () => Progress;
  /** What still moves, in words. */
  readonly unsettled: () => readonly string[];
}

/** Five times a second in place; where lines stay, once a second. */
const REFRESH_MS = { live: 200, lines: 1000 };

/** After so long without a change it is time to say what the run waits for. */
const STALLED_AFTER_MS = 5000;

/** Shows the run's progress until it is disposed of, with a last look then. */
export function showProgress({ screen, clock, read, unsettled }: ShowProgressOptions): Disposable {
  let cancel = () => {};
  let shown = '';
  let changedAt = clock.now();
  let isStalled = false;

  const show = () => {
    const progress = read();
    const line = progressLine(progress);
    const isNew = line !== shown;
    if (isNew) {
      shown = line;
      changedAt = clock.now();
      isStalled = false;
    }
    if (screen.isLive) screen.live(progressBlock(progress));
    else if (isNew) screen.line(line);
    if (!isStalled && clock.now() - changedAt >= STALLED_AFTER_MS) {
      isStalled = true;
      const waitsFor = unsettled();
      if (waitsFor.length > 0) screen.line(`nothing has changed for 5 s; waiting for ${waitsFor.join('; ')}`);
    }
  };
  const tick = () => {
    show();
    cancel = clock.schedule(screen.isLive ? REFRESH_MS.live : REFRESH_MS.lines, tick);
  };
  cancel = clock.schedule(screen.isLive ? 0 : REFRESH_MS.lines, tick);

  return {
    [Symbol.dispose]() {
      cancel();
      show();
      screen.keepBlock();
    },
  };
}
