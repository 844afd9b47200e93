// `plombe policy schema`: the JSON Schema that editors complete and check policies with.
import { documentKinds } from '@plombe/policy';
import { exitCodes } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';

/** Prints it. Returns 0. */
export function policySchemaCommand(flags: Readonly<Record<string, unknown>>): number {
  const kind = flags['kind'] === 'policy-test' ? 'policy-test' : 'policy';
  print(`${JSON.stringify(documentKinds[kind].jsonSchema, null, 2)}\n`);
  return exitCodes.fine;
}
