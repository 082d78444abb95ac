import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { bundleLoadProblems } from 'waybill/cdk';
import { createShopApp } from '../../../infra/shop-app.ts';
import { REVISIONS, revisionFolder, stateAfter } from '../revisions.ts';
import { type Defect, revisedShop } from './revised-shop.ts';

export interface SynthesizeRevisionsOptions {
  readonly outdir: string;
  readonly context?: Readonly<Record<string, unknown>>;
  /** @default none */
  readonly defects?: readonly Defect[];
  /** The last revision that is written. @default - the last there is */
  readonly latest?: number;
  /** Hears of each revision once it is written: its number, from 0. */
  readonly onRevision?: (count: number) => void;
}

/**
 * Writes an assembly for the shop as it is, and one for each later revision, each into a folder of its own below
 * `outdir`. All are written to one place first, and from there copied: what is bundled for one is not bundled again.
 * @returns what is wrong with bundles, one sentence each
 */
export async function synthesizeRevisions(options: SynthesizeRevisionsOptions): Promise<readonly string[]> {
  const { outdir, context = {}, defects = [], latest = REVISIONS.length, onRevision } = options;
  const problems = new Set<string>();
  for (let count = 0; count <= latest; count++) {
    const app: App = createShopApp({ outdir, context, ...revisedShop(stateAfter(count), defects) });
    app.synth();
    for (const problem of count === 0 || count === latest ? await bundleLoadProblems(app) : []) {
      problems.add(problem);
    }
    keep(outdir, join(outdir, revisionFolder(count)));
    onRevision?.(count);
  }
  return [...problems];
}

/** Bundles stay where they are; what names them is copied, since the next revision writes over it. */
function keep(outdir: string, folder: string): void {
  mkdirSync(folder);
  for (const entry of readdirSync(outdir, { withFileTypes: true })) {
    const from = join(outdir, entry.name);
    if (entry.name.startsWith('asset.')) symlinkSync(from, join(folder, entry.name));
    else if (entry.isFile()) cpSync(from, join(folder, entry.name));
  }
}
