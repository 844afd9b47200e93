// Packages that carry only headers or documentation of the kernel: its flaws are not in them.

const headerNames =
  /^(?:linux-libc-dev(?:-.*)?|linux-headers(?:-.*)?|linux-[\w.-]*-headers(?:-.*)?|linux-kbuild-.*|linux-doc(?:-.*)?|linux-source(?:-.*)?|kernel-headers|kernel-doc|kernel-docs|kernel-devel)$/;

const kernelSources = /^(?:linux(?:-.*)?|kernel(?:-.*)?)$/;

/** True for a binary of a kernel source package that holds no kernel code that runs. */
export function isKernelHeaders(source: string, binary: string): boolean {
  return kernelSources.test(source) && headerNames.test(binary);
}

export const kernelHeadersReason = 'holds only headers of the kernel; its code is not in the image';
