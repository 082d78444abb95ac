/** `$default`, or a method and a path: `GET /orders/{id}`, `ANY /files/{proxy+}`. */
export interface RouteKey {
  readonly text: string;
  /** Undefined: any. */
  readonly method: string | undefined;
  /** Undefined for `$default`, which takes what no other route takes. */
  readonly path: RoutePath | undefined;
}

export interface RoutePath {
  readonly text: string;
  readonly segments: readonly Segment[];
}

type Segment =
  | { readonly kind: 'static'; readonly text: string }
  | { readonly kind: 'parameter'; readonly name: string }
  | { readonly kind: 'greedy'; readonly name: string };

const METHODS = new Set(['ANY', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);

/** Undefined for a text that is no route key. */
export function parseRouteKey(text: string): RouteKey | undefined {
  if (text === '$default') return { text, method: undefined, path: undefined };
  const [, method = '', pathText = ''] = /^([A-Z]+) (\/.*)$/.exec(text) ?? [];
  if (!METHODS.has(method)) return undefined;
  const segments = segmentsOf(pathText).map(parseSegment);
  const isGreedyTooSoon = segments.slice(0, -1).some(({ kind }) => kind === 'greedy');
  if (isGreedyTooSoon) return undefined;
  return { text, method: method === 'ANY' ? undefined : method, path: { text: pathText, segments } };
}

export type PathParameters = Readonly<Record<string, string>>;

/** The parameters of a path that fits, decoded; undefined for one that does not fit. */
export function matchPath({ segments }: RoutePath, path: string): PathParameters | undefined {
  const parts = segmentsOf(path);
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index];
    if (part === undefined) return undefined;
    if (segment.kind === 'static') {
      if (part !== segment.text) return undefined;
    } else if (segment.kind === 'parameter') {
      if (part === '') return undefined;
      parameters[segment.name] = decode(part);
    } else {
      const rest = parts.slice(index).join('/');
      if (rest === '') return undefined;
      parameters[segment.name] = decode(rest);
      return parameters;
    }
  }
  return parts.length === segments.length ? parameters : undefined;
}

const RANKS = { static: 0, parameter: 1, greedy: 2 } as const;

/** Negative when `a` is the more specific one of two keys that fit the same request. */
export function compareKeys(a: RouteKey, b: RouteKey): number {
  if (a.path === undefined || b.path === undefined) return Number(a.path === undefined) - Number(b.path === undefined);
  for (const [index, segment] of a.path.segments.entries()) {
    const other = b.path.segments[index];
    if (other === undefined) break;
    const difference = RANKS[segment.kind] - RANKS[other.kind];
    if (difference !== 0) return difference;
  }
  return Number(a.method === undefined) - Number(b.method === undefined);
}

/** `/` has no segment, `/a/` has an empty second one. */
const segmentsOf = (path: string): readonly string[] => (path === '/' ? [] : path.slice(1).split('/'));

function parseSegment(text: string): Segment {
  const [, name, plus] = /^\{([^{}+]+)(\+)?\}$/.exec(text) ?? [];
  if (name === undefined) return { kind: 'static', text };
  return { kind: plus === undefined ? 'parameter' : 'greedy', name };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // a lone percent sign stands for itself
    return text;
  }
}
