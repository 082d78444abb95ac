import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { placedMap } from './source-map.ts';

/** A function's code. */
export interface Bundle {
  /** An ES module. */
  readonly code: Uint8Array;
  /** Its source map, with paths from the project's folder. */
  readonly map: string;
}

/** Writes a bundle as `index.mjs` with its map. @param folder is created if it is not there */
export function writeBundle({ code, map }: Bundle, folder: string, root: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.mjs'), code);
  writeFileSync(join(folder, 'index.mjs.map'), placedMap(map, { folder, root }));
}
