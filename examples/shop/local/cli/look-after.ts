import { isDeepStrictEqual } from 'node:util';
import type { EngineClock } from '../../../../local/clock.ts';
import type { Screen } from '../../../../local/view/screen.ts';
import { troubleLines } from '../summary/summary-text.ts';
import { type Progress, progressBlock, progressLine } from '../view/progress.ts';
import { waitOn } from './wait-on.ts';

export interface LookAfterOptions {
  readonly screen: Pick<Screen, 'isLive' | 'line' | 'live' | 'keepBlock'>;
  readonly clock: EngineClock;
  /** How far the run is; cheap. The states of the orders are those of the last refresh. */
  readonly read: () => Progress;
  /** Looks which state the orders are in. */
  readonly refresh: () => Promise<void>;
  /** What still moves, in words. */
  readonly unsettled: () => readonly string[];
  /** Finds the troubles of the run as it is now. */
  readonly judge: () => Promise<readonly string[]>;
  /** What was found when it had settled. */
  readonly troubles: readonly string[];
}

const LOOK_EVERY_MS = 1000;

/**
 * Looks after a run that has settled and stays up: shows what moves, judges the run again once that has settled, and says
 * when it comes to another verdict. Ends by the signal only, and rejects with its reason.
 */
export async function lookAfter(options: LookAfterOptions, signal: AbortSignal): Promise<never> {
  const { screen, clock, read, refresh, unsettled, judge } = options;
  const wait = waitOn(clock);
  let { troubles } = options;
  let shown = progressLine(read());
  let isJudged = true;
  for (;;) {
    await wait(LOOK_EVERY_MS, signal);
    if (progressLine(read()) !== shown) {
      await refresh();
      const progress = read();
      shown = progressLine(progress);
      isJudged = false;
      if (screen.isLive) screen.live(progressBlock(progress));
      else screen.line(shown);
    } else if (!isJudged && unsettled().length === 0) {
      const found = await judge();
      // what moved meanwhile was perhaps seen in part
      isJudged = unsettled().length === 0 && progressLine(read()) === shown;
      if (!isJudged) continue;
      screen.keepBlock();
      if (!isDeepStrictEqual(found, troubles)) {
        for (const line of ['', 'The run has moved on, and was judged again.', ...troubleLines(found, screen)]) {
          screen.line(line);
        }
      }
      troubles = found;
    }
  }
}
