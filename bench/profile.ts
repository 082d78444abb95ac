import { Session } from 'node:inspector/promises';
import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Table } from './report.ts';

const PROJECT_FOLDER = resolve(import.meta.dirname, '..');
const SHOWN = 12;

/** Waiting, and the profiler's own cost. */
const NOT_WORK = new Set(['(idle)', 'node:inspector']);

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
}

/** Runs `work` under this thread's sampling profiler; shows where its busy time went, by what ran itself. */
export async function profileOf(title: string, work: () => Promise<unknown>): Promise<readonly Table[]> {
  const session = new Session();
  session.connect();
  try {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 500 });
    await session.post('Profiler.start');
    await work();
    const { profile } = await session.post('Profiler.stop');
    const { nodes, samples = [], timeDeltas = [] } = profile;
    return [
      topOf(`${title}: CPU by module`, nodes, samples, timeDeltas, moduleOf),
      topOf(`${title}: CPU by function`, nodes, samples, timeDeltas, functionOf),
    ];
  } finally {
    session.disconnect();
  }
}

function topOf(
  title: string,
  nodes: readonly ProfileNode[],
  samples: readonly number[],
  timeDeltas: readonly number[],
  nameOf: (node: ProfileNode) => string,
): Table {
  const names = new Map(nodes.filter(isWork).map((node) => [node.id, nameOf(node)]));
  const spent = new Map<string, number>();
  let total = 0;
  for (const [index, id] of samples.entries()) {
    const name = names.get(id);
    if (name === undefined) continue;
    const microseconds = timeDeltas[index] ?? 0;
    spent.set(name, (spent.get(name) ?? 0) + microseconds);
    total += microseconds;
  }
  const rows = [...spent]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([name, microseconds]) => [name, `${((100 * microseconds) / total).toFixed(1)} %`]);
  return { title, head: ['where', 'share of the busy time'], rows };
}

/** A file of the project, a package, or a part of Node. */
function moduleOf({ callFrame: { functionName, url } }: ProfileNode): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native code';
  if (!url.startsWith('file:')) return url.split('/').slice(0, 2).join('/');
  const path = relative(PROJECT_FOLDER, fileURLToPath(url));
  const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  return name ?? path;
}

const isWork = (node: ProfileNode): boolean => !NOT_WORK.has(moduleOf(node));

const functionOf = (node: ProfileNode): string => `${node.callFrame.functionName || '(anonymous)'} · ${moduleOf(node)}`;
