/**
 * In which order the steps are shown. What happened is a partial order: a step comes after those
 * whose outcome it reads or overwrites. Regrouped, each lane keeps on as long as it can, so that
 * needless interleaving goes away; the numbers stay those of the run.
 */

/** @typedef {import("./run.js").Run} Run */

export class Order {
    /** @param {Run} run @param {number[]} steps @param {boolean} regrouped */
    constructor(run, steps, regrouped) {
        this.run = run;
        this.steps = steps;
        this.regrouped = regrouped;
        /** @type {number[]} */
        this.rows = [];
        steps.forEach((step, row) => (this.rows[step] = row));
        this.cache = { step: -1, past: /** @type {Set<number>} */ (new Set()) };
    }

    /** @param {number} row */
    step(row) {
        return this.steps[row];
    }

    /** @param {number} step */
    row(step) {
        return this.rows[step];
    }

    /** The steps that a step builds on, itself and the start included. @param {number} step */
    past(step) {
        if (this.cache.step === step) return this.cache.past;
        const past = new Set([0, step]);
        const open = [step];
        while (open.length) {
            for (const earlier of needs(this.run, /** @type {number} */ (open.pop()))) {
                if (!past.has(earlier)) {
                    past.add(earlier);
                    open.push(earlier);
                }
            }
        }
        this.cache = { step, past };
        return past;
    }
}

/**
 * The steps whose outcome a step reads; guessed from shared lanes where nothing tells.
 * @param {Run} run
 * @param {number} step
 * @returns {number[]}
 */
export function needs(run, step) {
    if (step === 0) return [];
    const known = run.extras?.needs;
    if (known)
        return [...new Set((known[step - 1] ?? []).map((/** @type {[number, string]} */ pair) => pair[0]))];
    const lanes = new Set(run.takers(step));
    for (let earlier = step - 1; earlier > 0; earlier -= 1) {
        if (!lanes.size || !run.takers(earlier).length || run.takers(earlier).some((lane) => lanes.has(lane)))
            return [earlier];
    }
    return [];
}

/**
 * @param {Run} run
 * @param {boolean} regroup
 * @returns {Order}
 */
export function arrange(run, regroup) {
    const plain = Array.from({ length: run.steps + 1 }, (_, step) => step);
    if (!regroup || run.last > 5000) return new Order(run, plain, regroup);
    const before = plain.map(
        (step) =>
            new Set(
                [...needs(run, step), ...(run.extras?.order?.[step - 1] ?? [])].filter(
                    (earlier) => earlier > 0,
                ),
            ),
    );
    const left = new Set(plain.slice(1, run.last + 1));
    const steps = [0];
    let lane = -1;
    while (left.size) {
        const free = [...left].filter((step) => [...before[step]].every((earlier) => !left.has(earlier)));
        const next = free.find((step) => run.takers(step)[0] === lane) ?? free[0];
        lane = run.takers(next)[0] ?? lane;
        left.delete(next);
        steps.push(next);
    }
    return new Order(run, [...steps, ...plain.slice(run.last + 1)], true);
}
