import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The context of cdk.json, which only the CDK CLI reads. Tests use it to see the deployed templates. */
export function featureFlags(): Record<string, unknown> {
  const { context }: { readonly context: Record<string, unknown> } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../cdk.json'), 'utf8'),
  );
  return context;
}
