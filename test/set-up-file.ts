/** Runs before each file of tests, also where the files of a project share their modules. */
import { afterEach } from 'vitest';
import { removeLeftovers } from './fixtures/leftovers.ts';

afterEach(removeLeftovers);
