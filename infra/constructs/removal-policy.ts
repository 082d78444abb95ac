import { RemovalPolicy } from 'aws-cdk-lib';
import type { EnvironmentSettings } from '../settings.ts';

/**
 * What becomes of a resource with state when its construct or its stack goes. Also where it is retained, it goes when
 * the deployment that creates it is rolled back: it is empty then, and the next attempt makes it again.
 */
export const removalPolicyOf = (settings: EnvironmentSettings): RemovalPolicy =>
  settings.removalPolicy === 'retain' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;

/**
 * Of a table. One that is protected from deletion stays even when its creation is rolled back: the rollback would fail
 * at it, and each attempt makes up a new name.
 */
export const tableRemovalPolicyOf = (settings: EnvironmentSettings): RemovalPolicy =>
  settings.deletionProtection ? RemovalPolicy.RETAIN : removalPolicyOf(settings);
