// Packages that an advisory about them or their source does not mean: headers of the kernel, and private npm packages.
import type { Package } from '@plombe/model';

const headerNames =
  /^(?:linux-libc-dev(?:-.*)?|linux-headers(?:-.*)?|linux-[\w.-]*-headers(?:-.*)?|linux-kbuild-.*|linux-doc(?:-.*)?|linux-source(?:-.*)?|kernel-headers|kernel-doc|kernel-docs|kernel-devel)$/;

const kernelSources = /^(?:linux(?:-.*)?|kernel(?:-.*)?)$/;

/**
 * Returns why an advisory that speaks of a subject by the name `named` does not mean this binary of it; undefined where it does. Headers
 * are spared where the advisory names their source package, not where it names them. A private npm package was never in the
 * registry. Inside node_modules the word is not believed: there it could hide a package that was.
 */
export function spareReason(
  subject: string,
  named: string,
  { type, name, facts }: Pick<Package, 'type' | 'name' | 'facts'>,
): string | undefined {
  if (named !== name && isKernelHeaders(subject, name))
    return 'holds only headers of the kernel; its code is not in the image';
  const isPrivate = type === 'npm' && facts?.['private'] === 'true' && facts['embedded'] === 'true';
  return isPrivate
    ? 'is private and was never in the registry: the advisory is about another package of its name'
    : undefined;
}

/** True for a binary of a kernel source package that holds no kernel code that runs. */
function isKernelHeaders(source: string, binary: string): boolean {
  return kernelSources.test(source) && headerNames.test(binary);
}
