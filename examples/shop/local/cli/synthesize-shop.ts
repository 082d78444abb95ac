import { join } from 'node:path';
import type { AppBuilder } from '../../../../local/start/app-builder.ts';
import { synthesize } from '../../../../local/synthesis/synthesize.ts';
import type { Screen } from '../../../../local/view/screen.ts';
import { REVISIONS, revisionFolder } from '../redeploy/revisions.ts';
import type { AppContext } from './app-context.ts';
import type { RunOptions } from './options.ts';
import { PROJECT_FOLDER } from './project-folder.ts';

export interface SynthesizeShopDeps {
  readonly builder: Pick<AppBuilder, 'build'>;
  readonly outputFolder: string;
  readonly context: AppContext;
  readonly screen: Pick<Screen, 'line'>;
  readonly signal: AbortSignal;
}

/** Writes the assembly of the shop, and with `--redeploy` those of all its later revisions, before the first order. */
export async function synthesizeShop(
  { environment, redeploy, release }: Pick<RunOptions, 'environment' | 'redeploy' | 'release'>,
  { builder, outputFolder, context, screen, signal }: SynthesizeShopDeps,
): Promise<{ readonly assemblyOf: (deployments: number) => string }> {
  const options = { projectFolder: PROJECT_FOLDER, outputFolder, context, signal };
  if (!redeploy) {
    const how = release ? ' (cdk synth; takes some seconds)' : '';
    screen.line(`Synthesizing environment '${environment}'${how} …`);
    await builder.build(options);
    return { assemblyOf: () => outputFolder };
  }
  screen.line(
    `Synthesizing environment '${environment}' and ${REVISIONS.length} later revisions of the shop (cdk synth; takes a minute) …`,
  );
  await synthesize({
    ...options,
    app: 'node --conditions=waybill-source examples/shop/local/redeploy/shop/app.ts',
    onOutput(text) {
      for (const [line] of text.matchAll(/^revision \d+ of \d+ synthesized$/gm)) screen.line(`  ${line}`);
    },
  });
  return { assemblyOf: (deployments) => join(outputFolder, revisionFolder(deployments)) };
}
