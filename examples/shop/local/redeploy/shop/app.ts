import { REVISIONS } from '../revisions.ts';
import { synthesizeRevisions } from './synthesize-revisions.ts';

// the CDK CLI tells where to write, and passes its context on
const outdir = process.env['CDK_OUTDIR'] ?? 'cdk.out';
const problems = await synthesizeRevisions({
  outdir,
  onRevision: (count) => console.log(`revision ${count} of ${REVISIONS.length} synthesized`),
});
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
