/** A CDK app on this machine: its synthesized stacks with their bundles, on local engines. For tests and drivers. */
export { createMovableClock, type MovableClock } from './clock.ts';
export { chaosPlan } from './faults/chaos-plan.ts';
export { createRunLogs } from './start/run-logs.ts';
export { type RunningApp, startApp } from './start/start-app.ts';
export { synthesize } from './synthesize.ts';
