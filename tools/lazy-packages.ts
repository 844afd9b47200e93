// A bundler plug-in: packages that few commands need travel as text, which V8 neither parses nor runs before one of their names is used.
import { createRequire } from 'node:module';
import { rolldown } from 'rolldown';

/** Readers of feeds and of `plombe.yaml`, and the scores of vulnerabilities: 0.5 of the bundle's 1.3 MB before minifying. */
const packages: readonly string[] = ['ae-cvss-calculator', 'sax', 'yaml'];

/** Marks the stand-ins; the NUL keeps other plug-ins away. */
const prefix = '\0lazy:';

/** Replaces imports of those packages by stand-ins with a getter per name that runs the package's text first. */
export const lazyPackages = {
  name: 'lazy-packages',
  resolveId: {
    order: 'pre' as const,
    handler(id: string, importer: string | undefined): { id: string; moduleSideEffects: false } | undefined {
      if (!packages.includes(id) || importer === undefined) return undefined;
      return { id: `${prefix}${createRequire(importer).resolve(id)}`, moduleSideEffects: false };
    },
  },
  async load(id: string): Promise<{ code: string; moduleType: 'js' } | undefined> {
    return id.startsWith(prefix) ? { code: await standIn(id.slice(prefix.length)), moduleType: 'js' } : undefined;
  },
};

async function standIn(path: string): Promise<string> {
  const names = Object.keys(createRequire(path)(path) as object);
  return `let loaded;
const load = () => {
  if (loaded === undefined) {
    const module = { exports: {} };
    new Function('module', 'exports', 'require', ${JSON.stringify(await textOf(path))})(module, module.exports, process.getBuiltinModule);
    loaded = module.exports;
  }
  return loaded;
};
for (const name of ${JSON.stringify(names)})
  Object.defineProperty(module.exports, name, { enumerable: true, get: () => load()[name] });
`;
}

/** The package as the body of a function of `module`, `exports` and `require`; of others it may require Node's own modules only. */
async function textOf(path: string): Promise<string> {
  const build = await rolldown({ input: path, platform: 'node' });
  const { output } = await build.generate({ format: 'cjs', minify: true, codeSplitting: false });
  await build.close();
  return output[0].code;
}
