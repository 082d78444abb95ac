export { createInMemoryTables } from './in-memory-tables.ts';
