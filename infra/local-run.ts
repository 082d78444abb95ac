import type { IConstruct } from 'constructs';
import { LOCAL_RUN_CONTEXT } from './bundles/bundle-request.ts';

/**
 * Whether the app is synthesized for the local run without `--release`: the run makes the bundles itself, and nobody deploys
 * what is synthesized.
 */
export const isLocalRun = (scope: IConstruct): boolean => scope.node.tryGetContext(LOCAL_RUN_CONTEXT) === 'true';
