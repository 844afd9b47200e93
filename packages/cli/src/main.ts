// The program: reads the command line, runs one command, and ends with its exit code.
import './launch.ts';
import { exitCodeFor, reportFailure } from './terminal/failure.ts';
import { run } from './program.ts';

run(process.argv).then(
  (exitCode) => {
    process.exitCode = exitCode;
  },
  (thrown: unknown) => {
    reportFailure(thrown);
    process.exitCode = exitCodeFor(thrown);
  },
);
