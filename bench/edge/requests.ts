import { startLocalRun } from '../../local/run.ts';
import { createTemporaryFolder } from '../../local/temporary-folder.ts';
import type { BenchContext } from '../area.ts';
import { startClient } from '../client/client-process.ts';
import { quantile } from '../measure.ts';
import { figure, type Report } from '../report.ts';
import { synthesizeEdgeApp } from './edge-app.ts';

const REQUESTS = 300;
const WARM_UP = 50;
/** Ten of each kind a second. */
const EVERY_MS = 100;
/** What the edge may add at the 95th percentile. */
const MOST_OWN_MS = 200;

/** GET and POST of an HttpEdge beside an invocation of a function that only answers. */
export async function measureRequests({ progress }: BenchContext): Promise<Report> {
  using folder = createTemporaryFolder();
  synthesizeEdgeApp(folder.path);
  const run = await startLocalRun({
    assemblyFolder: folder.path,
    log: (level, source, message) => {
      if (level === 'error') process.stderr.write(`${source}: ${message}\n`);
    },
  });
  try {
    await using client = startClient();
    const [issuer] = run.issuers();
    const issued = await fetch(`${issuer?.url}/token`, {
      method: 'POST',
      body: new URLSearchParams({ tenant: 'acme' }),
    });
    const { access_token: token } = (await issued.json()) as { readonly access_token: string };
    const load = {
      endpointUrl: run.endpointUrl,
      region: run.region,
      apiUrl: run.deployment.apis[0]?.url ?? '',
      bareFunctionName: run.deployment.outputs.get('Orders')?.get('BareFunctionName') ?? '',
      token,
      everyMs: EVERY_MS,
    };
    progress(`${REQUESTS} GET, POST and bare invocations, ten of each a second`);
    await client.run('callEdge', { ...load, requests: WARM_UP });
    const times = await client.run('callEdge', { ...load, requests: REQUESTS });
    const at = (kind: keyof typeof times, ratio: number) => Math.round(quantile(times[kind], ratio) * 10) / 10;
    const rows = (['get', 'post', 'bare'] as const).map((kind) => [
      kind,
      at(kind, 0.5),
      at(kind, 0.95),
      at(kind, 0.99),
    ]);
    const own = (kind: 'get' | 'post') =>
      figure({
        name: `${kind.toUpperCase()}, the edge's own part, p95`,
        value: Math.max(0, at(kind, 0.95) - at('bare', 0.95)),
        unit: 'ms',
        beside: { what: 'the bar', value: MOST_OWN_MS },
        reach: { most: 1 },
        note: `of ${at(kind, 0.95)} ms in all; a bare invocation takes ${at('bare', 0.95)} ms`,
      });
    return {
      figures: [
        own('get'),
        own('post'),
        ...(['get', 'post'] as const).map((kind) =>
          figure({
            name: `${kind.toUpperCase()}, p99`,
            value: at(kind, 0.99),
            unit: 'ms',
            beside: { what: 'p99 of the bare invocation', value: at('bare', 0.99) },
          }),
        ),
      ],
      tables: [{ title: 'Milliseconds at ten requests of each kind a second', head: ['', 'p50', 'p95', 'p99'], rows }],
    };
  } finally {
    await run.close();
  }
}
