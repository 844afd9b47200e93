// State that outlives a process: the embedded database, and blobs.
export { openDatabase, type Database, type Migration, type Row } from './sqlite/database.ts';
