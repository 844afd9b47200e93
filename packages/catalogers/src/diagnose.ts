// The diagnostic of one file, its hostile path and what is quoted of its content made safe to print.
import { type ErrorCode, inert } from '@plombe/kit';
import type { Diagnostic, RawFile } from '@plombe/model';

/** Returns the diagnostic whose message is the path and what is said of it: `PATH is not valid JSON.` (T21, T68) */
export function diagnose(
  code: ErrorCode,
  level: Diagnostic['level'],
  file: Pick<RawFile, 'path' | 'layerIndex'>,
  saying: string,
): Diagnostic {
  const { path, layerIndex } = file;
  return { code, level, message: `${inert(path)} ${inert(saying)}.`, path, layerIndex };
}
