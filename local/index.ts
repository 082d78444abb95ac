/** A CDK app on this machine: its synthesized stacks with their bundles, on local engines. For tests and drivers. */
export type { LogLevel } from './log.ts';
export {
  type LocalApp,
  type LocalAppOptions,
  LocalInvocationError,
  LocalNameError,
  type RunLogEntry,
  startLocalApp,
} from './start/local-app.ts';
