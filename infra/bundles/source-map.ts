import { relative, resolve, sep } from 'node:path';

export interface MapPlace {
  /** Where the map's file is. */
  readonly folder: string;
  readonly root: string;
}

/** The same map with sources as paths from the project's folder, wherever it was built. */
export const portableMap = (map: string, { folder, root }: MapPlace): string =>
  withSources(map, (source) => relative(root, resolve(folder, source)));

/** A portable map for the folder that it is written to. */
export const placedMap = (map: string, { folder, root }: MapPlace): string =>
  withSources(map, (source) => relative(folder, resolve(root, source)));

function withSources(map: string, pathOf: (source: string) => string): string {
  const content: { readonly sources: readonly string[] } = JSON.parse(map);
  return JSON.stringify({ ...content, sources: content.sources.map((source) => pathOf(source).replaceAll(sep, '/')) });
}
