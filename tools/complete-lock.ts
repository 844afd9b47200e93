// Adds to package-lock.json the optional packages of other platforms that npm left out because a registry mirror lags behind.
// Without them `npm ci` refuses the lock file everywhere. They carry no integrity: only their own platform ever fetches them.
import { readFileSync, writeFileSync } from 'node:fs';

interface Entry {
  readonly version?: string;
  readonly optional?: boolean;
  readonly cpu?: readonly string[];
  readonly os?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, Entry> };
const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32', 'wasm32-wasi'];
const processors = ['arm64', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'arm', 'wasm32'];

for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    if (lock.packages[key] !== undefined) continue;
    const os = systems.find((system) => name.includes(system));
    const cpu = processors.find((processor) => name.includes(processor));
    // Peers of a bundler's optional extras have ranges, not platforms: npm leaves those alone.
    if (os === undefined || cpu === undefined || !/^\d/.test(version)) continue;
    const place = os === 'wasm32-wasi' ? { cpu: ['wasm32'] } : { cpu: [cpu], os: [os] };
    lock.packages[key] = { version, optional: true, ...place };
  }
}
const packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, `${JSON.stringify({ ...lock, packages }, null, 2)}\n`);
