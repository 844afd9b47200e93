// TOML 1.0: lock files and manifests of Rust, Python and Gradle.
import { parse } from 'smol-toml';

/** Tables in tables; lock files nest 4 deep, manifests under 10. */
const maxDepth = 100;

/** Returns the value of a TOML text. Every key is an own property. Throws where it is no TOML, or nested over 100 deep. */
export function parseToml(text: string): unknown {
  return parse(text, { maxDepth, integersAsBigInt: 'asNeeded' });
}
