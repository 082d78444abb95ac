import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
/** A team may delete the example. */
const EXAMPLE = join(ROOT, 'examples/shop');

const pages = globSync(['*.md', 'docs/**/*.md', 'examples/shop/README.md'], { cwd: ROOT });

const withoutCode = (markdown: string): string =>
  markdown.replaceAll(/^ *```.*?^ *```/gms, '').replaceAll(/`[^`]*`/g, '');

/** The targets of a page's links into this repository. */
const linksOf = (markdown: string): readonly string[] =>
  [...withoutCode(markdown).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^\w+:/.test(target));

/** The anchors that GitHub gives the headings. */
const anchorsOf = (markdown: string): ReadonlySet<string> =>
  new Set(
    [...markdown.replaceAll(/^ *```.*?^ *```/gms, '').matchAll(/^#+ +(.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );

/** Whether the file, folder or heading that a link of the page names is missing. */
function isBroken(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path);
  if (!relative(EXAMPLE, file).startsWith('..') && !existsSync(EXAMPLE)) return false;
  if (!existsSync(file)) return true;
  return anchor !== undefined && (statSync(file).isDirectory() || !anchorsOf(readFileSync(file, 'utf8')).has(anchor));
}

describe('docs/architecture.md', () => {
  const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
  const named = [...page.matchAll(/`((?:lib|infra|functions|local|cli|test|bench|docs|examples)(?:\/[\w./-]+)?)`/g)];
  const paths = named.map(([, path = '']) => path);

  it('names only files and folders that exist', () => {
    const missing = paths.filter((path) => !path.startsWith('examples/') && !existsSync(join(ROOT, path)));

    expect(missing).toStrictEqual([]);
    expect(paths.length).toBeGreaterThan(50);
  });

  it('lists every folder of lib', () => {
    expect(globSync('lib/*', { cwd: ROOT }).filter((folder) => !paths.includes(folder))).toStrictEqual([]);
  });
});

describe('the documentation', () => {
  it('has no broken links', () => {
    const links = pages.flatMap((page) =>
      linksOf(readFileSync(join(ROOT, page), 'utf8')).map((target) => [page, target] as const),
    );

    expect(links.filter(([page, target]) => isBroken(page, target))).toStrictEqual([]);
    expect(links.length).toBeGreaterThan(50);
  });

  it.each(['nowhere.md', 'docs/concepts.md#nowhere', '#nowhere', 'docs/adr/#index'])('would report %s', (target) => {
    expect(linksOf(`[somewhere](${target})`).filter((link) => isBroken('README.md', link))).toStrictEqual([target]);
  });
});
