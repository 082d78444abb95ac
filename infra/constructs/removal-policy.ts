import { RemovalPolicy } from 'aws-cdk-lib';
import type { EnvironmentSettings } from '../settings.ts';

/** Removal policy of a stateful resource. A failed creation deletes it even with `retain`, because it is empty. */
export const removalPolicyOf = (settings: EnvironmentSettings): RemovalPolicy =>
  settings.removalPolicy === 'retain' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;

/**
 * Removal policy of a table. A table with deletion protection is kept even if its creation is rolled back: the rollback
 * could not delete it, and each attempt generates a new name.
 */
export const tableRemovalPolicyOf = (settings: EnvironmentSettings): RemovalPolicy =>
  settings.deletionProtection ? RemovalPolicy.RETAIN : removalPolicyOf(settings);
