// A bundler plug-in: Node's own modules are loaded when one of their names is first used, not when the bundle starts.
import { isBuiltin } from 'node:module';

/** The bundler's own code, by which stand-ins are made; it asks `node:module` for `require`. */
const bundlerOwn = '\0rolldown/';

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
    handler(id: string, importer: string | undefined): { id: string; moduleSideEffects: false } | undefined {
      if (!isBuiltin(id) || importer?.startsWith(bundlerOwn) === true) return undefined;
      return { id: `${prefix}${id.replace(/^node:/, '')}`, moduleSideEffects: false };
    },
  },
  load(id: string): { code: string; moduleType: 'js' } | undefined {
    return id.startsWith(prefix) ? { code: standIn(`node:${id.slice(prefix.length)}`), moduleType: 'js' } : undefined;
  },
};

function standIn(id: string): string {
  const whole = process.getBuiltinModule(id) as object;
  return `let loaded;
const load = () => (loaded ??= process.getBuiltinModule(${JSON.stringify(id)}));
${typeof whole === 'function' ? callable : ''}for (const name of ${JSON.stringify(Object.keys(whole))})
  Object.defineProperty(module.exports, name, { enumerable: true, get: () => load()[name] });
`;
}

/** `events`, `stream` and `assert` are functions and classes themselves, which packages call and extend. */
const callable = `module.exports = new Proxy(function () {}.bind(), {
  get: (_, name) => load()[name],
  apply: (_, self, values) => Reflect.apply(load(), self, values),
  construct: (_, values, target) => Reflect.construct(load(), values, target),
});
`;
