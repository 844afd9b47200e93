// A bundler plug-in: Node's own modules are loaded when one of their names is first used, not when the bundle starts.
import { isBuiltin } from 'node:module';

/** Marks the stand-ins; the NUL keeps other plug-ins away. */
const prefix = '\0builtin:';

/**
 * Replaces imports of Node's modules by stand-ins with a getter per name. A static import would load all of them at start, and reading the
 * names of `node:http` even loads its fetch: 30 ms and 15 MiB that `--help` and most scans never need.
 */
export const lazyBuiltins = {
  name: 'lazy-builtins',
  resolveId: {
    order: 'pre' as const,
    handler(id: string): { id: string; moduleSideEffects: false } | undefined {
      return isBuiltin(id) ? { id: `${prefix}${id.replace(/^node:/, '')}`, moduleSideEffects: false } : undefined;
    },
  },
  load(id: string): { code: string; moduleType: 'js' } | undefined {
    return id.startsWith(prefix) ? { code: standIn(`node:${id.slice(prefix.length)}`), moduleType: 'js' } : undefined;
  },
};

function standIn(id: string): string {
  const names = Object.keys(process.getBuiltinModule(id) as object);
  return `let loaded;
const load = () => (loaded ??= process.getBuiltinModule(${JSON.stringify(id)}));
for (const name of ${JSON.stringify(names)})
  Object.defineProperty(module.exports, name, { enumerable: true, get: () => load()[name] });
`;
}
