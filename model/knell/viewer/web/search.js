/** Which steps a query finds: its words must all occur in what a row says, or in what it changes. */

/** @typedef {import("./run.js").Run} Run */

/** @type {WeakMap<Run, string[]>} */
const texts = new WeakMap();

/**
 * @param {Run} run
 * @param {number} step
 */
function textOf(run, step) {
    let known = texts.get(run);
    if (!known) texts.set(run, (known = []));
    if (known[step] === undefined) {
        const changes = step > 0 && step <= run.last ? run.bundle.steps[step - 1][2] : [];
        const cells = changes
            .filter((_, i) => i % 2 === 0)
            .map((cell) => `${run.name(cell)}=${run.text(cell, step) ?? "absent"}`);
        known[step] = [run.call(step), run.violated(step) ?? "", ...cells].join(" ").toLowerCase();
    }
    return known[step];
}

/**
 * @param {Run} run
 * @param {number} step
 * @param {string} query
 */
export function hits(run, step, query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    return words.length > 0 && words.every((word) => textOf(run, step).includes(word));
}

/**
 * The next step that a query finds, or null.
 * @param {Run} run
 * @param {number} from
 * @param {string} query
 * @param {1 | -1} direction
 */
export function seek(run, from, query, direction) {
    const length = run.steps + 1;
    for (let i = 1; i <= length; i += 1) {
        const step = (((from + direction * i) % length) + length) % length;
        if (hits(run, step, query)) return step;
    }
    return null;
}
