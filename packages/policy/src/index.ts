// Policies: one document kind, checks and expressions → decision.
export {};
