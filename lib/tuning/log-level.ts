import type { Logger } from '@aws-lambda-powertools/logger';
import type { LogLevel } from '../definitions/index.ts';

/** Sets a logger's level to the tuned one, and back to its own when none is tuned. */
export function createLevelSwitch(
  logger: Pick<Logger, 'getLevelName' | 'setLogLevel'>,
): (tuned: LogLevel | undefined) => void {
  const own = logger.getLevelName();
  return (tuned = own as LogLevel) => {
    if (logger.getLevelName() !== tuned) logger.setLogLevel(tuned);
  };
}
