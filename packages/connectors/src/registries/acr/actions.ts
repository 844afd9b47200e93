// Azure's actions: patterns with `*` over operations such as `Microsoft.ContainerRegistry/registries/pull/read`, without regard to case.
import { textsField, type JsonObject } from '@plombe/kit';

/** What a role or deny assignment says: actions less the excepted ones, for the control plane and for data. */
export interface ActionSet {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

/** Reads one entry of `permissions`. */
export function actionSetOf(permission: JsonObject): ActionSet {
  return {
    actions: textsField(permission, 'actions'),
    notActions: textsField(permission, 'notActions'),
    dataActions: textsField(permission, 'dataActions'),
    notDataActions: textsField(permission, 'notDataActions'),
  };
}

/** True where a pattern stands for an action. A `*` stands for any text, slashes included (Azure RBAC, "Role definitions"). */
export function matchesAction(pattern: string, action: string): boolean {
  const pieces = pattern.toLowerCase().split('*');
  const text = action.toLowerCase();
  const [first = ''] = pieces;
  const last = pieces.at(-1) ?? '';
  if (pieces.length === 1) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= text.length - last.length;
}

/** True where a set allows (or denies) an action of the plane: it is in one and not excepted in the same set. */
export function covers(set: ActionSet, plane: 'control' | 'data', action: string): boolean {
  const [given, excepted] = plane === 'control' ? [set.actions, set.notActions] : [set.dataActions, set.notDataActions];
  return (
    given.some((pattern) => matchesAction(pattern, action)) &&
    !excepted.some((pattern) => matchesAction(pattern, action))
  );
}
