// Which other file systems a walk of a root file system goes into.
import { statfsSync } from 'node:fs';

/** `walk` goes in, `skip` leaves it out silently because it is no part of an installed system, else the cause it is left out for. */
export type MountRule = 'walk' | 'skip' | { readonly cause: string };

/** statfs(2) magic numbers of file systems that the kernel makes up: nothing is installed there. */
const pseudo: ReadonlySet<number> = new Set([
  0x9fa0, // proc
  0x62656572, // sysfs
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
  0x1cd1, // devpts
  0x64626720, // debugfs
  0x74726163, // tracefs
  0x73636673, // securityfs
  0xf97cff8c, // selinuxfs
  0x62656570, // configfs
  0xcafe4a11, // bpf
  0x6165676c, // pstore
  0x42494e4d, // binfmt_misc
  0x19800202, // mqueue
  0x958458f6, // hugetlbfs
  0xde5e81e4, // efivarfs
  0x6e736673, // nsfs
  0x65735543, // fusectl
  0x67596969, // rpc_pipefs
]);

/** Mounted overlays below the root are the root file systems of running containers: they are subjects of their own. */
const overlay = 0x794c7630;

/** File systems that may answer slowly or never, and whose content belongs to another machine. */
const remote: ReadonlyMap<number, string> = new Map([
  [0x6969, 'nfs'],
  [0xff534d42, 'cifs'],
  [0xfe534d42, 'smb2'],
  [0x517b, 'smb'],
  [0x65735546, 'fuse'],
  [0x01021997, '9p'],
  [0x00c36400, 'ceph'],
  [0x5346414f, 'afs'],
  [0x0187, 'autofs'],
  [0x0bd00bd0, 'lustre'],
]);

/** Returns the rule for a file system by its statfs(2) type. */
export function ruleOfType(type: number): MountRule {
  const unsigned = type >>> 0;
  if (pseudo.has(unsigned) || unsigned === overlay) return 'skip';
  const name = remote.get(unsigned);
  return name === undefined ? 'walk' : { cause: `is on another file system (${name}) and was not followed` };
}

/** Returns the rule for a directory that is on another device than its parent. Local disks are walked, on Linux only. */
export function ruleOfMount(path: string | Buffer): MountRule {
  if (process.platform !== 'linux') return { cause: 'is on another file system and was not followed' };
  return ruleOfType(statfsSync(path).type);
}
