import { ENVIRONMENT_NAMES } from '../../../../infra/environments.ts';
import { UsageError } from '../../../../local/start/usage-error.ts';

/** The app would refuse it as well, but only seconds later. @throws UsageError `LOCAL_USAGE` */
export function checkEnvironment(name: string): void {
  if (ENVIRONMENT_NAMES.includes(name)) return;
  throw new UsageError(`--env must be one of ${ENVIRONMENT_NAMES.join(', ')}, got '${name}'`);
}
