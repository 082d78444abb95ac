import { describe, expect, it } from 'vitest';
import { describeFailure, describeUpdate } from '../../../local/start/follow-changes.ts';
import { DeploymentError, TemplateRefusedError } from '../../../local/template/errors.ts';
import { emptyTally } from '../../../local/template/update-result.ts';

describe('the output for a saved change', () => {
  it('is one line for each kind of step', () => {
    const result = { ...emptyTally(), created: ['Shop/Stats', 'Shop/StatsRule'], deleted: ['Shop/Old'] };

    expect(describeUpdate(result)).toEqual(['created: Shop/Stats, Shop/StatsRule', 'deleted: Shop/Old']);
  });

  it('says that nothing changed, if nothing did', () => {
    expect(describeUpdate(emptyTally())).toEqual(['No resource changed.']);
  });

  it('is one line with the reason, when it is refused', () => {
    expect(describeFailure(new TemplateRefusedError(['Hub/Queue: first', 'Hub/Table: second']))).toBe(
      'Refused, and nothing was touched: Hub/Queue: first; Hub/Table: second. The run goes on as it is.',
    );
  });

  it('is one line with the reason, when it is rolled back', () => {
    const rollback = { state: 'UPDATE_ROLLBACK_COMPLETE', problems: [], undeleted: [] } as const;
    const error = new DeploymentError('Shop', 'Queue', 'AWS::SQS::Queue', new RangeError('too long'), {
      rollback,
      updatedStacks: ['Hub'],
    });

    expect(describeFailure(error)).toBe(
      'Rolled back: Shop/Queue (AWS::SQS::Queue): RangeError: too long; stack Shop is back at what it was before; updated before it and so left, as cdk deploy does: Hub. The run goes on as it was.',
    );
  });

  it('does not claim a rollback that failed', () => {
    const rollback = { state: 'UPDATE_ROLLBACK_FAILED', problems: ['Shop/Queue: stuck'], undeleted: [] } as const;
    const error = new DeploymentError('Shop', 'Queue', 'AWS::SQS::Queue', 'refused', { rollback });

    expect(describeFailure(error)).toBe(
      'Not rolled back: Shop/Queue (AWS::SQS::Queue): refused; UPDATE_ROLLBACK_FAILED: stack Shop is partly updated and takes no update any more; Shop/Queue: stuck. The run goes on.',
    );
  });

  it('gives the reason if there is no assembly', () => {
    expect(describeFailure(new Error('cdk synth failed'))).toBe('cdk synth failed\nThe run goes on as it is.');
  });
});
