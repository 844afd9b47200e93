// What begins as a program does, in any of the three formats.
import { isElf } from './elf.ts';
import { isMachO, isUniversalMachO } from './macho.ts';
import { isPe } from './pe.ts';

/** True for the first eight bytes of an ELF, PE or Mach-O file, universal ones too. */
export function isProgram(head: Uint8Array): boolean {
  return isElf(head) || isPe(head) || isMachO(head) || isUniversalMachO(head);
}
