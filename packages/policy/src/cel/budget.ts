// What an evaluation may cost: every iteration and every byte touched is paid for, so that no expression can hang a gate.

/** Thrown where the budget is used up; unlike an error value, no operator can take it away. */
export class BudgetExhausted extends Error {
  constructor() {
    super('the expression costs more than the limit');
    this.name = 'BudgetExhausted';
  }
}

/** Steps that are left. One step is about one node evaluated, or 16 characters read. */
export class Budget {
  left: number;
  constructor(steps: number) {
    this.left = steps;
  }

  /** Pays `steps`. Throws `BudgetExhausted`. */
  spend(steps: number): void {
    this.left -= steps;
    if (this.left < 0) throw new BudgetExhausted();
  }

  /** Pays for reading or making text of this length, which may be a product beyond the 32 bits of a shift. */
  spendText(length: number): void {
    this.spend(1 + Math.floor(length / 16));
  }
}

/**
 * Steps for all expressions of one decision together. A condition over 5,000 findings with ten operators costs 60,000; 250,000
 * take about ten milliseconds, which is what a gate may wait.
 */
export const decisionSteps = 250_000;
