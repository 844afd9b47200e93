// The real `notation` program with a configuration of its own, and an OCI layout that both sides read and write.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Issued } from '@plombe/pki/testing';
import type { EnvelopeFormat } from '../envelope/envelope.ts';
import type { SignatureManifest } from '../manifest/manifest.ts';

/** Finds the program through PLOMBE_NOTATION or PATH; undefined where it is missing. */
export function findNotation(): string | undefined {
  const program = process.env['PLOMBE_NOTATION'] ?? 'notation';
  return spawnSync(program, ['version']).status === 0 ? program : undefined;
}

interface IndexEntry {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** One signature as a manifest in the layout. */
export interface StoredSignature {
  readonly manifest: {
    readonly layers: readonly [IndexEntry];
    readonly annotations: Readonly<Record<string, string>>;
    readonly config: IndexEntry;
    readonly subject: IndexEntry;
  };
  readonly envelope: Uint8Array;
}

/** A folder with configuration, trust store, key and image layout. */
export class NotationWorld implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'plombe-notation-'));
  readonly layout = join(this.folder, 'layout');
  readonly subject: IndexEntry;
  private readonly program: string;

  constructor(program: string, leaf: Issued, chainPem: string) {
    this.program = program;
    mkdirSync(join(this.layout, 'blobs/sha256'), { recursive: true });
    writeFileSync(join(this.layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    writeFileSync(join(this.layout, 'index.json'), '{"schemaVersion":2,"manifests":[]}');
    const config = this.blob('application/vnd.oci.image.config.v1+json', Buffer.from('{}'));
    const manifest = { schemaVersion: 2, mediaType: manifestType, config, layers: [] };
    this.subject = this.blob(manifestType, Buffer.from(JSON.stringify(manifest)));
    this.list(this.subject);
    const keyPath = this.write('key.pem', leaf.key.export({ format: 'pem', type: 'pkcs8' }).toString());
    const certPath = this.write('chain.pem', chainPem);
    this.write(
      'config/notation/signingkeys.json',
      JSON.stringify({ default: 'test', keys: [{ name: 'test', keyPath, certPath }] }),
    );
  }

  /** Puts a root into the trust store `acme` of a type. */
  trust(type: string, root: Issued): void {
    this.write(`config/notation/truststore/x509/${type}/acme/root.pem`, root.pem);
  }

  /** Writes the trust policy. */
  policy(policy: unknown): void {
    this.write('config/notation/trustpolicy.json', JSON.stringify(policy));
  }

  write(path: string, text: string): string {
    const full = join(this.folder, path);
    mkdirSync(join(full, '..'), { recursive: true });
    writeFileSync(full, text, { mode: 0o600 });
    return full;
  }

  /** Runs the program; returns its exit code and output. */
  run(...args: readonly string[]): { readonly status: number | null; readonly output: string } {
    const { status, stdout, stderr } = spawnSync(this.program, args, {
      env: {
        PATH: process.env['PATH'],
        HOME: this.folder,
        XDG_CONFIG_HOME: join(this.folder, 'config'),
        NOTATION_EXPERIMENTAL: '1',
      },
      encoding: 'utf8',
    });
    return { status, output: `${stdout}${stderr}` };
  }

  sign(format: EnvelopeFormat, ...args: readonly string[]) {
    const subject = `${this.layout}@${this.subject.digest}`;
    return this.run('sign', '--signature-format', format, '--oci-layout', ...args, subject);
  }

  verify(...args: readonly string[]) {
    return this.run('verify', '--oci-layout', '--scope', 'local/app', ...args, `${this.layout}@${this.subject.digest}`);
  }

  /** Every signature in the layout. */
  signatures(): readonly StoredSignature[] {
    const index = JSON.parse(readFileSync(join(this.layout, 'index.json'), 'utf8')) as { manifests: IndexEntry[] };
    return index.manifests
      .filter(({ digest }) => digest !== this.subject.digest)
      .map(({ digest }) => {
        const manifest = JSON.parse(this.read(digest).toString()) as StoredSignature['manifest'];
        return { manifest, envelope: this.read(manifest.layers[0].digest) };
      });
  }

  /** Stores a signature as `signatureManifest` made it, in place of all others. */
  store({ config, envelope, manifest }: SignatureManifest): void {
    writeFileSync(join(this.layout, 'index.json'), '{"schemaVersion":2,"manifests":[]}');
    this.list(this.subject);
    for (const { mediaType, bytes } of [config, envelope]) this.blob(mediaType, bytes);
    this.list(this.blob(manifest.mediaType, manifest.bytes));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }

  private read(digest: string): Buffer {
    return readFileSync(join(this.layout, 'blobs/sha256', digest.slice('sha256:'.length)));
  }

  private blob(mediaType: string, bytes: Uint8Array): IndexEntry {
    const hex = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(this.layout, 'blobs/sha256', hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  }

  private list(entry: IndexEntry): void {
    const path = join(this.layout, 'index.json');
    const index = JSON.parse(readFileSync(path, 'utf8')) as { manifests: IndexEntry[] };
    writeFileSync(path, JSON.stringify({ ...index, manifests: [...index.manifests, entry] }));
  }
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
