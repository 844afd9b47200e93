// Names of store paths (Nix manual, "Store path" and `builtins.parseDrvName`).

export interface StoreName {
  readonly name: string;
  readonly version: string;
}

/** 32 characters of Nix's base 32, a hyphen, and a name of at most 211. */
const storePath = /^\/nix\/store\/[0-9a-df-np-sv-z]{32}-([A-Za-z0-9+._?=-]{1,211})$/;

/** nixpkgs' outputs beside `out`; store paths of others have no suffix. */
const outputs: ReadonlySet<string> = new Set([
  'bin',
  'data',
  'debug',
  'dev',
  'devdoc',
  'dist',
  'doc',
  'info',
  'lib',
  'libgcc',
  'man',
  'static',
  'tools',
]);

/** Sources, patches, instructions and locks are in the store too, and no packages. */
const notBuilt =
  /\.(?:drv|lock|chroot|patch|diff|tar(?:\.[a-z0-9]+)?|tgz|tbz2?|txz|zip|gem|crate|whl|gz|xz|bz2|zst|sh|json|nix|conf|cfg)$|-(?:source|src|vendor|go-modules|npm-deps|env|profile)$/;

/**
 * Returns name and version of what a store path holds, undefined where it is no package: a source, a script, or anything without a version.
 * The deriver, where it is known, has the name without the output (`openssl-3.0.14.drv` for `openssl-3.0.14-bin`).
 */
export function packageOfStorePath(path: string, deriver: string | undefined): StoreName | undefined {
  const own = storePath.exec(path)?.[1];
  if (own === undefined || notBuilt.test(own)) return undefined;
  const derived = deriver === undefined ? undefined : storePath.exec(deriver)?.[1];
  const split = splitName(derived?.endsWith('.drv') === true ? derived.slice(0, -'.drv'.length) : withoutOutput(own));
  return split.version === '' || notBuilt.test(split.version) ? undefined : split;
}

function withoutOutput(name: string): string {
  const dash = name.lastIndexOf('-');
  return dash > 0 && outputs.has(name.slice(dash + 1)) ? name.slice(0, dash) : name;
}

/** As `builtins.parseDrvName`: the version begins behind the first hyphen that no letter follows. */
export function splitName(text: string): StoreName {
  for (let at = text.indexOf('-'); at >= 0 && at + 1 < text.length; at = text.indexOf('-', at + 1)) {
    if (!/[A-Za-z]/.test(text[at + 1] as string)) return { name: text.slice(0, at), version: text.slice(at + 1) };
  }
  return { name: text, version: '' };
}
