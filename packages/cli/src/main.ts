// The program: reads the command line, runs one command, and ends with its exit code.
import { exitCodeFor, reportFailure } from './terminal/failure.ts';
import { run } from './program.ts';

try {
  process.exitCode = await run(process.argv);
} catch (thrown) {
  reportFailure(thrown);
  process.exitCode = exitCodeFor(thrown);
}
