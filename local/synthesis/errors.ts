import { environmentOfHubParameter } from '../../lib/definitions/hub-parameter.ts';
import { WaybillError } from '../../lib/definitions/waybill-error.ts';

/** An app could not be synthesized; the message carries what it wrote about it. */
export class SynthesisError extends WaybillError {
  readonly code = 'LOCAL_SYNTHESIS_FAILED';
}

/** What to do about lookups of hubs that do not run; empty if the missing values are others. @param keys of CDK context */
export function adviceOnMissing(keys: readonly string[]): string {
  const names = keys.map((key) => /^ssm:.*:parameterName=([^:]+)/.exec(key)?.[1] ?? '');
  const environments = names.map(environmentOfHubParameter).filter((name) => name !== undefined);
  if (environments.length === 0) return '';
  return `\nThe app looks up the hub of environment '${environments.join("' and '")}', which does not run: start the app that deploys it first, such as npx waybill start HUB_APP THIS_APP`;
}
