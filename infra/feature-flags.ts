import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** cdk.json's context, which only the CDK CLI reads by itself: with it, a test sees the templates that are deployed. */
export function featureFlags(): Record<string, unknown> {
  const { context }: { readonly context: Record<string, unknown> } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../cdk.json'), 'utf8'),
  );
  return context;
}
