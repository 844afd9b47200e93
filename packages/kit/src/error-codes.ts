// Every error and diagnostic code there is. docs/errors.md is generated from this table (tools/error-page.ts).

interface CodeText {
  readonly meaning: string;
  readonly remedy: string;
}

/** Code → what it means and what to do. Codes are stable: scripts match on them. Sorted. */
export const errorCodes = {
  'accounts/issuer': {
    meaning: 'The service where people log in cannot be reached, or its discovery document is not as it must be.',
    remedy: 'Check the address of the issuer (--oidc-issuer), to the letter as it names itself, and the network.',
  },
  'accounts/login': {
    meaning: 'A login of a person was refused, given up or not finished in time.',
    remedy: 'Log in again; the log of the server says what did not hold.',
  },
  'archive/corrupt': {
    meaning: 'An archive or compressed stream is truncated or not what it claims to be.',
    remedy: 'Fetch or build it again; compare its digest with the one the registry names.',
  },
  'archive/digest-mismatch': {
    meaning: 'The bytes of a blob do not have the digest they were asked by.',
    remedy: 'Do not use the image. Push it again, and find out what changed the bytes on the way.',
  },
  'archive/entry-too-large': {
    meaning: 'A wanted file is larger than the limit for its kind, so only its beginning was read.',
    remedy: 'Check why the file is that large; its packages may be missing from the inventory.',
  },
  'archive/limit': {
    meaning: 'A limit on size, ratio, entries or depth was reached and reading stopped there.',
    remedy:
      'Treat the archive as hostile: no image of real software comes near these limits. docs/sources.md lists them.',
  },
  'archive/path-escape': {
    meaning: 'An entry names a path outside the root; it was read as if inside.',
    remedy: 'Rebuild the image with a tool that writes clean names.',
  },
  'archive/read-by-toc': {
    meaning:
      'A layer was read by its table of contents, as lazy pullers do; most of its bytes were not read and not verified.',
    remedy: 'Nothing, where the image is pulled lazily; else scan with --verify full.',
  },
  'archive/toc-mismatch': {
    meaning:
      'The table of contents of a layer is not what its bytes hold: pulled lazily, the image would have other files.',
    remedy:
      'Do not use the image before you know who made it; build it again with a tool that writes the table of contents.',
  },
  'archive/unsupported': {
    meaning: 'The compression or archive format is not one that Plombe reads.',
    remedy: 'Repack it with gzip, zstd or no compression.',
  },
  'cache/unusable': {
    meaning: 'The cache folder cannot be read or written; the scan went on without it.',
    remedy: "Check the folder's owner and free space, or name another with --cache.",
  },
  'config/invalid': {
    meaning: 'A configuration value, flag or environment variable is not valid.',
    remedy: 'Correct it; `plombe config explain` shows every setting with its source.',
  },
  'connector/refused': {
    meaning:
      'A registry does not make the change as things are: a tag is immutable, an index names the image, a policy forbids it.',
    remedy: 'Do as the message says; nothing was made visible or taken away in part without being named there.',
  },
  'connector/unsupported': {
    meaning: 'A registry of this kind has no such operation.',
    remedy:
      'docs/connectors says what each kind can do; for holding images back put the gate in front of the registry.',
  },
  'database/damaged': {
    meaning: 'A shard of the advisory database does not have the digest its manifest names, or cannot be opened.',
    remedy: 'Run `plombe db update` or `plombe db build` again.',
  },
  'database/missing': {
    meaning: 'There is no advisory database where one was asked for.',
    remedy: 'Run `plombe db update`, or `plombe db build --from DIR`.',
  },
  'distribution/unknown': {
    meaning: 'The image does not say which distribution it is, or names one without advisory data.',
    remedy: 'Check /etc/os-release in the image; package URLs need a qualifier such as distro=debian-12.',
  },
  'feed/approximate': {
    meaning: 'The advisory data is an approximation made by others: some fixes are missing from it.',
    remedy: "Run `plombe db update` to get the publisher's own data.",
  },
  'feed/derived': {
    meaning:
      'The advisory data was derived from another source, not published as such: some facts are missing or differ.',
    remedy: "Run `plombe db update` to get the publisher's own data.",
  },
  'feed/grew': {
    meaning: 'An advisory feed grew beyond the set factor; the last good one stays.',
    remedy: 'Look at the feed; accept the larger one with --accept-shrink if it is right.',
  },
  'feed/malformed': {
    meaning: 'An advisory feed is not in the format its publisher documents; the last good one stays.',
    remedy: "Fetch it again; if it stays so, report it with the feed's name and date.",
  },
  'feed/missing': {
    meaning: 'There is no advisory data for these packages.',
    remedy: 'Run `plombe db update`; with `--ecosystem` for what it does not fetch by itself.',
  },
  'feed/rolled-back': {
    meaning: 'An advisory feed is older than the one in the database; the last good one stays.',
    remedy: 'Look at the feed; accept the older one with --accept-shrink if it is meant.',
  },
  'feed/shrank': {
    meaning: 'An advisory feed lost more records than the set share; the last good one stays.',
    remedy: 'Look at the feed; accept the smaller one with --accept-shrink if it is right.',
  },
  'feed/stale': {
    meaning: 'Advisory data is older than the limit.',
    remedy: 'Run `plombe db update`.',
  },
  'feed/unreachable': {
    meaning: 'An advisory feed could not be fetched.',
    remedy: 'Check the network and proxy, or bring the data as a folder with `plombe db build --from DIR`.',
  },
  'feed/unrecognised': {
    meaning: 'Files of a folder of feeds are of no feed that is known; they were not read.',
    remedy: 'Give folders and files the names that docs/feeds.md lists, or leave the others out.',
  },
  'fingerprint/invalid': {
    meaning: 'A fingerprint is not in its one spelling, out of order, or its entries do not give the root it states.',
    remedy: 'Make it again with `plombe fingerprint`, or fetch it again and compare its digest with the attested one.',
  },
  'gate/outage': {
    meaning: 'The gate cannot judge: its policies, advisory database or ledger cannot be read or written.',
    remedy: 'Correct what the message names; the gate looks again every few seconds, and at once on SIGHUP.',
  },
  'internal/bug': {
    meaning: 'Plombe met a state that should not exist.',
    remedy: 'Please report it with the command and the message.',
  },
  'inventory/empty': {
    meaning: 'Nothing was found that could be compared with advisory data.',
    remedy: 'Check that the subject is the image you mean; software without package metadata cannot be assessed.',
  },
  'inventory/excluded': {
    meaning: 'Files or folders were left out, since whoever asked wanted that (`--exclude`).',
    remedy:
      'Leave the pattern away to have them looked at; --allow excluded accepts what is missing for that reason alone.',
  },
  'ledger/clock': {
    meaning: 'The clock is behind the time of the last entry of the ledger.',
    remedy: "Set the machine's clock right; entries must not go back in time.",
  },
  'ledger/damaged': {
    meaning: 'A part of the ledger is missing or is not what the signed checkpoint commits to.',
    remedy: 'Run `plombe ledger verify`; restore the folder from a copy that verifies, and find out who changed it.',
  },
  'ledger/exists': {
    meaning: 'There is a ledger in this folder already.',
    remedy: 'Use it, or name another folder.',
  },
  'ledger/locked': {
    meaning: 'Another process writes to the ledger.',
    remedy: 'Wait until it has ended; a ledger has one writer at a time.',
  },
  'ledger/missing': {
    meaning: 'There is no ledger in this folder, or a key of it is missing.',
    remedy: 'Check the path, or make one with `plombe ledger init`.',
  },
  'ledger/witness': {
    meaning: 'A witness did not cosign the checkpoint.',
    remedy:
      'Check address and key of the witness. If it has seen a larger log, the folder was put back to an older state.',
  },
  'notation/plugin': {
    meaning: 'A Notation plugin could not be run, or answered something its protocol does not allow.',
    remedy: 'Run the plugin by hand with `get-plugin-metadata`, and update it.',
  },
  'notation/signing': {
    meaning: 'A Notary Project signature cannot be made: key, certificate chain or time stamp do not fit.',
    remedy: 'Use a code signing certificate with its whole chain, leaf first, and the key that belongs to it.',
  },
  'notation/trust-policy': {
    meaning: "A Notation trust policy file is not valid under the Notary Project's specification.",
    remedy: 'Correct the statement named; `notation policy show` prints the file it reads.',
  },
  'notation/trust-store': {
    meaning: 'A Notation trust store folder cannot be read.',
    remedy: 'Name the folder that holds `x509`, with real folders and files, no symbolic links.',
  },
  'operation/cancelled': {
    meaning: 'The operation was cancelled or ran into its deadline.',
    remedy: 'Run it again, with a longer --timeout if it was the deadline.',
  },
  'package/database-corrupt': {
    meaning: 'A package database cannot be read whole.',
    remedy: 'Rebuild the image; the packages listed may be incomplete.',
  },
  'package/database-missing': {
    meaning: 'The image names its distribution but holds no package database of it.',
    remedy: 'Keep the package database in the image, or attest the packages at build time.',
  },
  'package/database-removed': {
    meaning: 'A layer removes or empties the package database that a lower layer filled.',
    remedy: 'Keep the package database; removing it hides packages, it does not remove them.',
  },
  'package/database-rewritten': {
    meaning:
      'A later layer sets a package back to a version an earlier one had, or a package was cut out of its database.',
    remedy: 'Check that the change is meant and that the files were downgraded or removed too.',
  },
  'package/declared-not-read': {
    meaning: 'Lock files and manifests lie in a root file system, where what is installed counts, and were not read.',
    remedy: 'Nothing, or read them too with --declared always.',
  },
  'package/dependencies-open': {
    meaning: 'A manifest says what a project asks for, but not what that needs in turn, which gets installed too.',
    remedy: 'Commit a lock file that lists all, scan what was built, or scan the SBOM that the build writes.',
  },
  'package/image-named': {
    meaning: 'A file of the tree names images. They are listed, and what is in them is not looked at.',
    remedy: 'Scan those images by themselves: plombe scan REFERENCE.',
  },
  'package/metadata-invalid': {
    meaning: 'The metadata of one package is not valid, and the package was left out or listed without what is wrong.',
    remedy: 'Look at the file named; rebuild the package, or let its tool write the lock file anew.',
  },
  'package/not-from-registry': {
    meaning: 'A package comes from a commit, a file or an address; advisories name the versions of registries.',
    remedy: 'Use a released version, or check by hand what the commit or file holds.',
  },
  'package/not-listed': {
    meaning: 'A program does not say which packages it is made of; they are not in the inventory.',
    remedy: 'Build it so that it does (Rust: cargo auditable build), or attest its packages at build time.',
  },
  'package/only-system': {
    meaning:
      'The scan was asked for packages of the distribution only, so those of applications are not in the inventory.',
    remedy: 'Scan without --packages system, or accept it with --allow partial.',
  },
  'package/version-open': {
    meaning:
      'A manifest asks for a package without saying which version; which one gets installed cannot be known from it.',
    remedy: 'Commit a lock file, or pin the versions (`==`); or scan what was installed.',
  },
  'pki/limit': {
    meaning: 'A certificate, time stamp or revocation list is larger or deeper than the limit for its kind.',
    remedy: 'Treat it as hostile; ask its issuer for a smaller one if it is real.',
  },
  'pki/malformed': {
    meaning: 'Bytes are not the certificate, key, time stamp or revocation answer that they should be.',
    remedy: 'Fetch or export the file again; check that it is PEM or DER of the kind named.',
  },
  'pki/unsupported': {
    meaning:
      'A key, algorithm or field of a certificate, time stamp or revocation answer is not one that Plombe supports.',
    remedy:
      'Use RSA of 2048 bits or more, ECDSA P-256, P-384 or P-521, Ed25519 or ML-DSA-44, with SHA-256 or stronger.',
  },
  'policy/invalid': {
    meaning:
      'A policy or policy test is not valid: a field is unknown, missing or of the wrong kind, or an expression does not compile.',
    remedy: 'Correct the field named; docs/policy.md and `plombe policy schema` describe every one.',
  },
  'purl/invalid': {
    meaning: 'A line is not a package URL.',
    remedy: 'Write pkg:type/namespace/name@version?qualifiers, one in a line.',
  },
  'reference/invalid': {
    meaning: 'The text is not an image reference.',
    remedy: 'Write registry/repository:tag@digest; repositories are lower case.',
  },
  'registry/blocked-address': {
    meaning: 'The registry or redirect leads to an address that Plombe does not call.',
    remedy: 'Name the registry itself if it is meant; link-local addresses are never called.',
  },
  'registry/conflict': {
    meaning: 'A list of referrers could not be extended: other writers replace it, or it is full.',
    remedy: 'Try again; if it is full, remove referrers that are not needed any more.',
  },
  'registry/credentials': {
    meaning: 'Credentials for the registry could not be obtained.',
    remedy: 'Log in with your registry client, or check the credential helper named.',
  },
  'registry/forbidden': {
    meaning: 'The registry knows the caller and refuses.',
    remedy: 'Ask for pull permission on the repository.',
  },
  'registry/invalid-answer': {
    meaning: 'The registry answered something the distribution specification does not allow.',
    remedy: 'Check that the address is a registry and no proxy page is in between.',
  },
  'registry/manifest-invalid': {
    meaning: 'A manifest, index or config is ambiguous, too large or not valid.',
    remedy: 'Build and push the image again with a current tool.',
  },
  'registry/not-found': {
    meaning: 'The registry has no such repository, tag or blob.',
    remedy: 'Check the spelling of repository and tag.',
  },
  'registry/platform': {
    meaning: 'The image has no manifest for the platform asked for.',
    remedy: 'Choose one of the platforms listed with --platform.',
  },
  'registry/rate-limited': {
    meaning: 'The registry limits the rate of requests.',
    remedy: 'Wait, or log in for a higher limit.',
  },
  'registry/tls': {
    meaning: 'The certificate of the registry is not valid for it.',
    remedy: 'Add its certificate authority with --ca-file; plain http only with --plain-http.',
  },
  'registry/unauthorized': {
    meaning: 'The registry wants credentials or refuses the ones it got.',
    remedy: 'Log in with your registry client.',
  },
  'registry/unreachable': {
    meaning: 'The registry could not be reached or did not answer in time.',
    remedy: 'Check name, network and proxy, and try again.',
  },
  'report/malformed': {
    meaning: 'A saved report is not one that this version reads.',
    remedy: 'Make it again with `plombe scan -o json=FILE`; the message names the place that is wrong.',
  },
  'report/template': {
    meaning: 'A template of a report is not in the language of templates, or writes too much.',
    remedy: 'Correct it at the line named; docs/reports.md describes the language.',
  },
  'report/write': {
    meaning: 'A report could not be written.',
    remedy: 'Check the path and free space.',
  },
  'sbom/incomplete': {
    meaning: 'An SBOM says itself that it is not complete, or leaves out what comparing its packages needs.',
    remedy: 'Make it again with a tool that names source packages and layers, or scan the image itself.',
  },
  'sbom/limit': {
    meaning: 'An SBOM is larger, deeper or has more values than the limit for it.',
    remedy: 'Treat it as hostile; one of real software stays far below. Leave files out of it, or split it.',
  },
  'sbom/malformed': {
    meaning: 'A document is no CycloneDX or SPDX that Plombe reads, is cut off, or a part of it is of the wrong kind.',
    remedy:
      'Make it again; CycloneDX 1.x as JSON or XML, SPDX 2.x as JSON or tag-value and SPDX 3.0 as JSON-LD are read.',
  },
  'sbom/not-read': {
    meaning: 'A part of an SBOM was not read, because it says nothing about which packages there are.',
    remedy: 'Nothing needs to be done; the message says which part it is.',
  },
  'sbom/not-said': {
    meaning: 'An SBOM does not say which layers the image has, or not their order.',
    remedy: 'Scan the image itself where the layer of a package matters; findings are the same.',
  },
  'sbom/package-unknown': {
    meaning:
      'Components of an SBOM have no package URL with a version, so nothing says which advisories are about them.',
    remedy: 'Make the SBOM with a tool that gives each package its package URL (purl).',
  },
  'scanner/refused': {
    meaning: 'A scanner adapter refused a scan, failed at it, or cannot do what was asked.',
    remedy:
      "Its own words are in the message; the scanner's log says more. Nothing is known of the image by this scanner.",
  },
  'service/refused': {
    meaning: 'A log, certificate authority or time stamp authority refused, or answered something that does not hold.',
    remedy: 'Check the address and the trust root given for it, and try again.',
  },
  'source/ambiguous': {
    meaning: 'A layout or archive holds several images and the subject does not say which.',
    remedy: 'Name one of them after the path: PATH:NAME or PATH@DIGEST.',
  },
  'source/not-found': {
    meaning: 'There is no such file or folder.',
    remedy: 'Check the path.',
  },
  'source/unreadable': {
    meaning: 'A file or folder could not be read.',
    remedy: 'Check its permissions and format.',
  },
  'subject/unresolved': {
    meaning: 'The subject could not be read by any of the sources tried.',
    remedy: 'Name the source with a prefix: registry:, oci:, docker-archive:, dir:, tar:, purls:, sbom:.',
  },
  'store/full': {
    meaning: 'The disk that holds blobs and state is full; what was to be stored was not.',
    remedy: 'Make room: `plombe registry gc`, retention rules, or a larger disk. Then try again.',
  },
  'store/unreachable': {
    meaning: 'The object store that holds the blobs does not answer, or refuses what was asked of it.',
    remedy: 'Check its address (--blobs), the credentials and their rights, and the network. Then try again.',
  },
  'store/unusable': {
    meaning: 'The folder or database that holds the state cannot be opened, or another server uses it.',
    remedy: 'Check that the folder belongs to the user, that the disk has room, and that no other server runs on it.',
  },
  'trust/key-invalid': {
    meaning: 'A key file is not in a form that Plombe reads, or holds another kind of key than meant.',
    remedy:
      "Give a PEM file: PKCS#8, SEC1, PKCS#1 or cosign's encrypted form; a public key where one is verified with.",
  },
  'trust/key-passphrase': {
    meaning: 'The passphrase of a private key is missing or wrong.',
    remedy: 'Set PLOMBE_KEY_PASSWORD (or COSIGN_PASSWORD); it may be empty.',
  },
  'trust/too-large': {
    meaning: 'A statement to be signed is larger than verifiers take.',
    remedy: 'Keep the document in the registry as an artifact of its own, and attest its digest.',
  },
  'version/invalid': {
    meaning:
      'A version, of a package or in an advisory about it, does not follow its scheme, so the two cannot be compared.',
    remedy:
      'Judge the advisories that are named by hand, with `plombe explain`; `plombe versions compare` shows how a version is read.',
  },
  'vex/unmatched': {
    meaning:
      'Statements of a VEX document (`--vex`) took no finding away: they are about other products, or about vulnerabilities that were not found.',
    remedy:
      'Compare the package URL in the message with `plombe explain PACKAGE SUBJECT`, if the statement was meant for this subject.',
  },
} as const satisfies Record<string, CodeText>;

/** A stable, documented error code. */
export type ErrorCode = keyof typeof errorCodes;
