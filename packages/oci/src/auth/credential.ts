// Credentials as the ways to log in give them.

/** What is known for a registry. `identity` is a refresh token of the registry's own token service. */
export type Credential =
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  | { readonly kind: 'identity'; readonly token: string }
  /** A token that the registry takes as it is. */
  | { readonly kind: 'bearer'; readonly token: string };

/** Returns the value of an Authorization header with user and password (RFC 7617, UTF-8). */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}
