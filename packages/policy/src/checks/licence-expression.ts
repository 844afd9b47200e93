// SPDX licence expressions: which licences stand in the way of using a package (SPDX specification, annex "License expressions").

/** A text longer than this is no expression but a licence's own words. */
const maxLength = 1000;

/**
 * Returns the licences that are not allowed: empty where one choice of `OR` is allowed whole. Text that is no expression counts as one
 * licence. `WITH` names an exception, which adds rights, so it is left aside.
 */
export function refusedLicences(expression: string, isAllowed: (licence: string) => boolean): readonly string[] {
  const single = isAllowed(expression) ? [] : [expression];
  if (expression.length > maxLength || !/[\s()]/.test(expression.trim())) return single;
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  let depth = 0;
  const isWord = (word: string): boolean => tokens[at]?.toUpperCase() === word;
  const choice = (): readonly string[] | undefined => {
    let best = all();
    while (best !== undefined && isWord('OR')) {
      at++;
      const other = all();
      if (other === undefined) return undefined;
      if (best.length > 0) best = other.length === 0 ? other : [...best, ...other];
    }
    return best;
  };
  const all = (): readonly string[] | undefined => {
    let refused = term();
    while (refused !== undefined && isWord('AND')) {
      at++;
      const other = term();
      if (other === undefined) return undefined;
      refused = [...refused, ...other];
    }
    return refused;
  };
  const term = (): readonly string[] | undefined => {
    const token = tokens[at++];
    if (token === '(') {
      if (++depth > 50) return undefined;
      const inner = choice();
      depth--;
      return tokens[at++] === ')' ? inner : undefined;
    }
    if (token === undefined || token === ')' || /^(AND|OR|WITH)$/i.test(token)) return undefined;
    if (isWord('WITH')) {
      at += 2;
      if (at > tokens.length) return undefined;
    }
    return isAllowed(token) ? [] : [token];
  };
  const refused = choice();
  return refused === undefined || at < tokens.length ? single : refused;
}
