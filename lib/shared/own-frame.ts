import { fileURLToPath } from 'node:url';
import { boundedText } from './bounded-text.ts';

/** Where Waybill's own code is, as stacks name it: source maps show a bundle's modules where they were at synth. */
export interface OwnCode {
  /** Of the project around it, without the last slash; undefined where it is not known. */
  readonly projectRoot: string | undefined;
  /** Whether the file is Waybill's own; what is under node_modules need not be known. */
  holds(file: string): boolean;
}

/** What `eval` runs has no file of its own. */
const FRAME = /^\s+at (?!.*\(eval at )(?:async )?(?:.* \()?(.+?):(\d+):\d+\)?$/;

const PLACE_MAX_BYTES = 300;

/**
 * The first frame of a stack that is the user's own code: not Node's, not of a package, not Waybill's.
 * @returns `functions/billing/handler.ts:12`, from the project's root where that is known; undefined where there is none,
 * as in a bundle without source maps
 */
export function ownFrameIn(stack: string, own: OwnCode = ownCode()): string | undefined {
  for (const line of stack.split('\n')) {
    const frame = readFrame(line);
    if (frame === undefined || frame.file.includes('/node_modules/') || own.holds(frame.file)) continue;
    const { projectRoot } = own;
    const isInside = projectRoot !== undefined && frame.file.startsWith(`${projectRoot}/`);
    const file = isInside ? frame.file.slice(projectRoot.length + 1) : frame.file;
    return boundedText(`${file}:${frame.line}`, PLACE_MAX_BYTES);
  }
  return undefined;
}

function readFrame(text: string): { readonly file: string; readonly line: string } | undefined {
  const [, place = '', line = ''] = FRAME.exec(text) ?? [];
  const file = pathOf(place);
  return file === undefined ? undefined : { file, line };
}

/** With slashes; undefined for what is no file, such as `node:internal/timers` and `<anonymous>`. */
function pathOf(place: string): string | undefined {
  if (/^(?:\/|[A-Za-z]:[\\/])/.test(place)) return place.replaceAll('\\', '/');
  if (!place.startsWith('file://') || !URL.canParse(place)) return undefined;
  return fileURLToPath(place).replaceAll('\\', '/');
}

let known: OwnCode | undefined;

function ownCode(): OwnCode {
  known ??= ownCodeAt(placeOfThisFile());
  return known;
}

/** @param thisFile where stacks show this file */
export function ownCodeAt(thisFile: string | undefined): OwnCode {
  const [, aroundPackage] = /^(.*?)\/node_modules\//.exec(thisFile ?? '') ?? [];
  if (aroundPackage !== undefined) return { projectRoot: aroundPackage, holds: () => false };
  // a clone, or a package that is linked
  const [, root] = /^(.*)\/lib\/shared\/own-frame\.[jt]s$/.exec(thisFile ?? '') ?? [];
  if (root !== undefined) return { projectRoot: root, holds: (file) => file.startsWith(`${root}/lib/`) };
  // a bundle without source maps is one file, Waybill's and the user's
  return { projectRoot: undefined, holds: (file) => file === thisFile };
}

function placeOfThisFile(): string | undefined {
  const [, ...frames] = (new Error().stack ?? '').split('\n');
  return frames.map(readFrame).find((frame) => frame !== undefined)?.file;
}
