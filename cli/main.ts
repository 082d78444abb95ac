#!/usr/bin/env node
import { argumentsOfStart } from './command-line.ts';

const args = process.argv.slice(2);
const ofStart = argumentsOfStart(args);

// each loads what it needs: the engines are nothing for an operator, and the operator's clients nothing for a local run
process.exitCode =
  ofStart === undefined
    ? await (await import('./operate.ts')).operate(args)
    : await (await import('./start/main.ts')).main(ofStart);
