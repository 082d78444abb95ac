/** A CDK app on this machine: its synthesized stacks with their bundles, on local engines. For tests and drivers. */
export { type SynthesizeOptions, synthesize } from './synthesize.ts';
