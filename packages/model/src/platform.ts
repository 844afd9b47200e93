// The platform an image is made for.

/** OCI image index, "platform". `architecture` and `os` use Go's names (`amd64`, `linux`). */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly osVersion?: string;
}

/** Renders `os/architecture[/variant]`, the form that `--platform` takes. */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/');
}
