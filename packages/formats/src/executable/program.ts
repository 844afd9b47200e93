// What begins as a program does, in any of the three formats, and how it is laid out.
import { isElf, parseElf } from './elf.ts';
import { isMachO, isUniversalMachO, parseMachO } from './macho.ts';
import { isPe, parsePe } from './pe.ts';
import type { ProgramLayout } from './section.ts';

/** True for the first eight bytes of an ELF, PE or Mach-O file, universal ones too. */
export function isProgram(head: Uint8Array): boolean {
  return isElf(head) || isPe(head) || isMachO(head) || isUniversalMachO(head);
}

/** Returns where the parts of a program lie, from its first bytes; undefined for a universal one and for what is none. */
export function programLayout(head: Uint8Array): ProgramLayout | undefined {
  return parseElf(head) ?? parsePe(head) ?? parseMachO(head);
}
