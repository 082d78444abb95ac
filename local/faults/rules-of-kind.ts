import type { FaultKind, FaultPlan, FaultRule } from './fault-plan.ts';

export type RuleOf<Kind extends FaultKind> = Extract<FaultRule, { readonly kind: Kind }>;

export const isOfKind = <Kind extends FaultKind>(rule: FaultRule, kind: Kind): rule is RuleOf<Kind> =>
  rule.kind === kind;

/** The rules of one kind, each with its place in the plan: what it decides by must not depend on other kinds. */
export const rulesOfKind = <Kind extends FaultKind>({ rules }: Pick<FaultPlan, 'rules'>, kind: Kind) =>
  rules.flatMap((rule, index) => (isOfKind(rule, kind) ? [{ rule, index }] : []));
