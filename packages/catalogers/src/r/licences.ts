// Licences as R packages declare them ("Writing R Extensions", 1.1.2), as SPDX expressions.
import { declaredLicences, joinExpressions, licenceExpression } from '@plombe/kit';

/** Returns the SPDX expression of a License field, `|` between choices; a field with a part that has none as it is declared. */
export function licencesOf(declared: string): readonly string[] {
  const text = declared.trim();
  if (text === '' || text.length > 200) return [];
  const parts = text
    .split('|')
    .map((part) => licenceExpression(part.replace(/\+ {0,9}file {1,9}LICEN[CS]E {0,9}$/i, '')));
  const expressions = parts.filter((part) => part !== undefined);
  return expressions.length === parts.length ? [joinExpressions(expressions, 'OR')] : declaredLicences([text]);
}
