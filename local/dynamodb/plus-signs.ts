/** Takes the sign from numbers like `+3`, in place: DynamoDB accepts it, and returns them without. */
export function dropPlusSigns(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const members = node as Record<string, unknown>;
  for (const name in members) {
    const member = members[name];
    if (typeof member === 'object') dropPlusSigns(member);
    else if (name === 'N' && typeof member === 'string' && SIGNED.test(member)) members[name] = member.slice(1);
  }
  const { NS } = members;
  if (!Array.isArray(NS)) return;
  members['NS'] = NS.map((number) => (typeof number === 'string' && SIGNED.test(number) ? number.slice(1) : number));
}

const SIGNED = /^\+[\d.]/;

/** Whether the rules have refused a number that `dropPlusSigns` may mend. */
export const isPlusSignProblem = (problem: string): boolean => problem.includes('numeric value: +');
