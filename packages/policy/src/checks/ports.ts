// Ports that the image may expose.
import { inert } from '@plombe/kit';
import { compileGlob } from '../glob.ts';
import { defineCheck, one, unknown } from './check.ts';

export const ports = defineCheck<readonly string[]>({
  id: 'ports',
  needs: ['config'],
  parameters: ({ configuration }) => one(configuration?.allowedPorts),
  check(_, { config }, allowed) {
    const remedy = () => `Expose only allowed ports: ${inert(allowed.join(', '))}.`;
    if (config === undefined) return unknown("The image's config was not read.", 'nothing', remedy);
    const globs = allowed.map((port) => compileGlob(withProtocol(port)));
    const refused = config.exposedPorts.filter((port) => !globs.some((glob) => glob(withProtocol(port))));
    return {
      violations: refused.map((port) => ({ message: `Port ${inert(port)} is exposed and not allowed.` })),
      unknowns: [],
      passed: 'Every exposed port is allowed.',
      lookedAt: `${config.exposedPorts.length} exposed ports`,
      remedy,
    };
  },
});

/** A port without a protocol is one of TCP (image specification, config.md). */
function withProtocol(port: string): string {
  return port.includes('/') ? port : `${port}/tcp`;
}
