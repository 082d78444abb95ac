import { checkAssembly, deploy } from '../../../local/template/deploy.ts';
import { recordingEngines } from './recording-engines.ts';
import { stacksOf } from './stacks-of.ts';

type Resources = Readonly<Record<string, { readonly Type: string; readonly Properties?: object }>>;

/** Deploys one stack, `Hub`, on engines that remember what they were asked. */
export async function deployed(
  resources: Resources,
  {
    outputs = {},
    answers = {},
  }: { outputs?: Readonly<Record<string, unknown>>; answers?: Record<string, object> } = {},
) {
  const { engines, calls } = recordingEngines(answers);
  const Outputs = Object.fromEntries(Object.entries(outputs).map(([name, Value]) => [name, { Value }]));
  const assembly = stacksOf({ Hub: { Resources: resources, Outputs } });
  const live = await deploy(checkAssembly(assembly, { accountId: '000000000000', region: 'us-east-1' }), engines);
  const deployment = live.describe();
  return { deployment, calls, outputs: deployment.outputs.get('Hub') };
}
