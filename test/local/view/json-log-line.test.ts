import { describe, expect, it } from 'vitest';
import { functionLineAsJson, runLineAsJson } from '../../../local/view/json-log-line.ts';

describe('functionLineAsJson', () => {
  it('leaves a JSON object as it is', () => {
    const line = '{"level":"INFO", "message":"order placed"}';

    expect(functionLineAsJson('place-order', line)).toBe(line);
  });

  it.each(['plain "text"', '{broken', '42'])('puts %j into an object', (line) => {
    expect(JSON.parse(functionLineAsJson('relay', line))).toEqual({ service: 'relay', message: line });
  });
});

describe('runLineAsJson', () => {
  it('has the members of the functions’ logs, and errors with their message', () => {
    const line = runLineAsJson('warn', 'sqs', 'refused', { queue: 'a', error: new TypeError('broken') });

    expect(line).toBe(
      '{"level":"WARN","service":"sqs","message":"refused","queue":"a","error":{"name":"TypeError","message":"broken"}}',
    );
  });
});
