import { sharedAssembly } from '../../../../test/fixtures/shared-assembly.ts';

/**
 * The shop as it is deployed, for `startLocalRun`. CDK takes a second to load, so it is loaded only to synthesize.
 * @param context beside the environment `dev`
 */
export const shopAssembly = (context: Readonly<Record<string, string>> = {}): Promise<string> =>
  sharedAssembly('shop', context, (folder) => synthesizeShop(folder, context));

export async function synthesizeShop(outdir: string, context: Readonly<Record<string, string>>): Promise<void> {
  const { createShopApp } = await import('../../infra/shop-app.ts');
  // path metadata is what the CDK CLI switches on by itself
  createShopApp({ outdir, context: { env: 'dev', 'aws:cdk:enable-path-metadata': true, ...context } }).synth();
}
