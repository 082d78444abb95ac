import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../cli/command-line.ts';

const read = (line: string) => readCommandLine(line === '' ? [] : line.split(' '));

describe('readCommandLine', () => {
  it('reads each command with its defaults', () => {
    expect(read('held --json --env prod')).toStrictEqual({
      kind: 'action',
      action: {
        name: 'held',
        options: { consumer: undefined, state: undefined, tenantId: undefined },
        check: expect.any(Function),
        run: expect.any(Function),
      },
      target: { environmentName: 'prod', profile: undefined, region: undefined },
      output: 'json',
      timeoutSeconds: undefined,
    });
    expect(read('held --profile ops --region eu-west-1 --output jsonl --command-timeout 30')).toMatchObject({
      target: { environmentName: undefined, profile: 'ops', region: 'eu-west-1' },
      output: 'jsonl',
      timeoutSeconds: 30,
    });
    expect(read('held')).toMatchObject({ output: 'text' });
    expect(read('failures')).toMatchObject({
      action: { name: 'failures', options: { consumer: undefined, mode: 'count', subject: '', limit: 100 } },
    });
    expect(read('failures list --each --state deferred --older-than 2d --type a.b --tenant acme')).toMatchObject({
      action: {
        name: 'failures',
        options: {
          mode: 'list',
          filter: { state: 'deferred', type: 'a.b', tenantId: 'acme' },
          olderThanMs: 172_800_000,
        },
      },
    });
    expect(read('failures --fingerprint 48d9d94b4f8c')).toMatchObject({
      action: { options: { mode: 'list', filter: { fingerprint: '48d9d94b4f8c' } } },
    });
    expect(read('failures show event-1 --consumer billing')).toMatchObject({
      action: { options: { mode: 'show', subject: 'event-1', consumer: 'billing' } },
    });
    expect(read('resend --consumer billing --all-held')).toMatchObject({
      action: { name: 'resend', options: { consumer: 'billing', group: undefined, resendsPerSecond: 10 } },
    });
    expect(read('deliver --consumer billing --from https://queues/old')).toMatchObject({
      action: {
        name: 'deliver',
        options: { consumer: 'billing', from: 'https://queues/old', messagesPerSecond: 10 },
      },
    });
    expect(read('where 0193 --group order#1')).toMatchObject({
      action: {
        name: 'where',
        options: { subject: { kind: 'id', eventId: '0193', group: 'order#1' }, maxReadUnits: 50_000 },
      },
    });
    expect(read('audit --resend --waiting --grace 0.5')).toMatchObject({
      action: {
        name: 'audit',
        options: { consumer: undefined, resend: true, waiting: true, graceMs: 30_000, readUnitsPerSecond: 500 },
      },
    });
  });

  it('rejects a request for help about an unknown command', () => {
    expect(() => read('help hold')).toThrow(
      expect.objectContaining({
        code: 'OPS_USAGE',
        message: expect.stringMatching(
          /^unknown command 'hold': did you mean held\? choose from start, init, openapi, complete, mcp, status, held, /,
        ),
      }),
    );
  });

  it('reads the arguments and options of rebuild', () => {
    expect(read('rebuild order-overview --accept-horizon')).toMatchObject({
      action: {
        name: 'rebuild',
        options: { projection: 'order-overview', mode: 'run', acceptHorizon: true, acceptFailed: false },
      },
    });
    expect(read('rebuild order-overview --status')).toMatchObject({ action: { options: { mode: 'status' } } });
    expect(read('rebuild order-overview --abort')).toMatchObject({ action: { options: { mode: 'abort' } } });
  });

  it('reads the arguments and the reason of skip', () => {
    expect(
      readCommandLine([
        ...['skip', '--consumer', 'billing', '--group', 'order#1', '--sequence', '3'],
        ...['--reason', 'order was cancelled by hand', '--yes'],
      ]),
    ).toMatchObject({
      action: {
        name: 'skip',
        options: {
          consumer: 'billing',
          group: 'order#1',
          sequence: 3,
          reason: 'order was cancelled by hand',
          by: undefined,
          yes: true,
        },
      },
    });
  });

  it('reads the arguments and options of the saga commands', () => {
    expect(read('sagas list order-fulfilment --status compensation-failed --tenant acme')).toMatchObject({
      action: {
        name: 'sagas',
        options: {
          verb: 'list',
          saga: 'order-fulfilment',
          status: 'compensation-failed',
          limit: 50,
          tenantId: 'acme',
        },
      },
    });
    expect(read('sagas show order-fulfilment 1001')).toMatchObject({
      action: { options: { verb: 'show', saga: 'order-fulfilment', sagaId: '1001' } },
    });
  });

  it('reads the commands that repair the log, with their defaults', () => {
    expect(read('keep --consumer billing --all-held --days 60')).toMatchObject({
      action: { name: 'keep', options: { consumer: 'billing', group: undefined, days: 60 } },
    });
    expect(read('fill --group a --from 3 --reason lost')).toMatchObject({
      action: { name: 'fill', options: { group: 'a', from: 3, to: 3, reason: 'lost', by: undefined, yes: false } },
    });
    expect(read('heads --reason restored --apply')).toMatchObject({
      action: { name: 'heads', options: { apply: true, reason: 'restored', readUnitsPerSecond: 500 } },
    });
  });

  it('reads requests for help', () => {
    expect(read('')).toStrictEqual({ kind: 'help', about: undefined });
    expect(read('-h')).toStrictEqual({ kind: 'help', about: undefined });
    expect(read('held -h')).toStrictEqual({ kind: 'help', about: expect.objectContaining({ name: 'held' }) });
    expect(read('help audit')).toStrictEqual({ kind: 'help', about: expect.objectContaining({ name: 'audit' }) });
    expect(read('skip --help')).toStrictEqual({ kind: 'help', about: expect.objectContaining({ name: 'skip' }) });
  });

  it.each([
    ['rebuild', 'rebuild needs the name of a projection: rebuild PROJECTION'],
    ['rebuild a b', "unexpected argument 'b'"],
    ['rebuild a --status --abort', '--status and --abort exclude each other: give one of them'],
    ['sagas', "sagas needs one of list, show, retry, got ''"],
    ['sagas list a b', "unexpected argument 'b'"],
    ['sagas retry a b c', "unexpected argument 'c'"],
    ['sagas show a b --status running', '--status is for sagas list only'],
    [
      'requeue',
      "unknown command 'requeue': choose from start, init, openapi, complete, mcp, status, held, failures, redrive, skip, pause, resume, resend, deliver, republish, keep, fill, heads, where, trace, audit, reconcile, replay, rebuild, sagas, sync, settings, trail, iam, or --help",
    ],
    ['held --json --output text', '--json and --output exclude each other: give one of them'],
    ['held --output xml', "--output must be one of text, json, jsonl, got 'xml'"],
    ['held --command-timeout 0', "--command-timeout must be a whole number from 1 to 86400, got '0'"],
    [
      'held --all',
      "unknown option '--all' of held: allowed are --consumer, --state, --tenant, --env, --output, --json, --profile, --region, --command-timeout, --help",
    ],
    ['failures drop', "failures needs one of list, show, got 'drop'"],
    ['failures list event-1', "unexpected argument 'event-1'"],
    ['failures show', 'failures show needs the id of an event, as failures list shows it'],
    ['failures show a --state dead', '--state is for failures list only'],
    ['failures --limit 5', '--limit needs --each or --fingerprint'],
    ['failures --older-than 2w', "--older-than must be a number and s, m, h or d, such as 90s or 2d, got '2w'"],
    [
      'failures --fingerprint 48D9',
      "--fingerprint must have 12 hexadecimal digits, as failures shows them, got '48D9'",
    ],
    ['held --state gone', "--state must be one of dead, retrying, got 'gone'"],
    [
      'held --tenant Acme',
      "--tenant: a tenant id must be 1 to 40 lower-case letters, digits and '-', not starting with '-', such as 'acme-2', got 'Acme'",
    ],
    [
      'rebuild x --accept-faild',
      "unknown option '--accept-faild' of rebuild: did you mean --accept-failed? allowed are --status, --abort, --accept-horizon, --accept-failed, --env, --output, --json, --profile, --region, --command-timeout, --help",
    ],
    [
      'held --max-age 5',
      "unknown option '--max-age' of held: allowed are --consumer, --state, --tenant, --env, --output, --json, --profile, --region, --command-timeout, --help",
    ],
    [
      '--consumer a',
      "the command comes first, got '--consumer': choose from start, init, openapi, complete, mcp, status, held, failures, redrive, skip, pause, resume, resend, deliver, republish, keep, fill, heads, where, trace, audit, reconcile, replay, rebuild, sagas, sync, settings, trail, iam, --help, or --version",
    ],
    ['held now', "unexpected argument 'now'"],
    ['held --json=1', "--json takes no value, got '1'"],
    ['resend --consumer billing', 'resend needs --group GROUP or --all-held'],
    ['resend --consumer billing --group a --all-held', '--group and --all-held exclude each other: give one of them'],
    [
      'deliver --consumer billing --from arn:aws:sqs:eu-central-1:111122223333:old',
      "--from must be the URL of a queue, such as https://sqs.eu-central-1.amazonaws.com/…, got 'arn:aws:sqs:eu-central-1:111122223333:old'",
    ],
    ['keep --consumer billing --days 3', 'keep needs --group GROUP or --all-held'],
    ['fill --group a --from 3 --to 2 --reason r', '--to must not be before --from, got 3 to 2'],
    ['where', 'where needs an event id, or --group GROUP and --sequence N'],
    ['where --group a', 'where needs an event id, or --group GROUP and --sequence N'],
    ['where x --group a --sequence 1', 'an event id and --sequence exclude each other: give one of them'],
    ['held --consumer --json', '--consumer needs a value: --consumer NAME'],
    ['audit --rate fast', "--rate must be a number from 1 to 100000, got 'fast'"],
  ])('rejects %s', (line, message) => {
    expect(() => read(line)).toThrow(expect.objectContaining({ code: 'OPS_USAGE', message }));
  });

  it('reports all problems in one error', () => {
    expect(() => read('skip --sequence 0 --consumer')).toThrow(
      expect.objectContaining({
        message: [
          '--consumer needs a value: --consumer NAME',
          "--sequence must be a whole number from 1 to 9007199254740991, got '0'",
          '--group, --reason are missing: skip --consumer NAME --group GROUP --sequence N --reason TEXT [--by NAME] [--yes]',
        ].join('; '),
      }),
    );
  });
});
