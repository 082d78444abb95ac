import { RemovalPolicy } from 'aws-cdk-lib';
import type { EnvironmentSettings } from '../settings.ts';

export const removalPolicyOf = (settings: EnvironmentSettings): RemovalPolicy =>
  settings.removalPolicy === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
