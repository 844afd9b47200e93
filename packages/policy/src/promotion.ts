// Where a policy's promotion leads: `{from: "quarantine/**", to: "prod/$1"}` and a repository to the repository that it is copied to.

/** Distribution specification, "Pulling manifests". */
const repositoryName = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

/** The repository that a rule leads to; undefined where `from` does not match, or what comes out is no repository. */
export function promotionTarget(
  rule: { readonly from: string; readonly to: string },
  repository: string,
): string | undefined {
  const pattern = rule.from
    .split(/(\*\*|\*)/)
    .map((part) => (part === '**' ? '(.+)' : part === '*' ? '([^/]*)' : RegExp.escape(part)))
    .join('');
  const match = new RegExp(`^${pattern}$`).exec(repository);
  if (match === null) return undefined;
  const target = rule.to.replace(/\$([1-9])/g, (_, number: string) => match[Number(number)] ?? '');
  return repositoryName.test(target) && target.length <= 255 && target !== repository ? target : undefined;
}
