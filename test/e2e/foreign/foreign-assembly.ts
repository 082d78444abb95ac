import { sharedAssembly } from '../../fixtures/shared-assembly.ts';

/** CDK takes a second to load, so it is loaded only to synthesize. */
export const foreignAssembly = (): Promise<string> =>
  sharedAssembly('foreign', {}, async (folder) => {
    const { synthesizeForeignApp } = await import('./foreign-app.ts');
    synthesizeForeignApp(folder);
  });
