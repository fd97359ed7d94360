/**
 * A run: what each cell holds at each step, told from the changes alone.
 *
 * Step 0 is the initial state; step k is the k-th action together with the state after it.
 * A run that closes a loop has one step more, which leads back.
 */

/**
 * @typedef {object} Lane
 * @property {string} name
 * @property {[string, number][]} epochs
 * @property {(number | null)[]} state
 * @property {[string, (number | null)[], (number | null)[]][]} members
 * @property {[string, number][]} cut
 */
/** @typedef {[number, number, number, number, string, string]} Arrow */
/** @typedef {[string, Record<string, string>, number[], string | null, Record<string, string>]} PackedStep */
/**
 * @typedef {object} Bundle
 * @property {string} name
 * @property {boolean} ours
 * @property {Record<string, any>} meta
 * @property {[string, string][]} notes
 * @property {number[]} vars
 * @property {[number[], string[]]} cells
 * @property {[string, string][]} values
 * @property {number[]} first
 * @property {PackedStep[]} steps
 * @property {Record<string, any>} actions
 * @property {number | null} loop
 * @property {[string, Record<string, string>] | null} closing
 * @property {{variable: string | null, lanes: Lane[], takers: number[][], arrows: Arrow[], unheard: [number, number, number, string][]}} scene
 * @property {any} extras
 */
/** @typedef {{from: number, to: number, word: string, epoch: number, fresh: boolean}} Band */

export const ABSENT = -1;

export class Run {
    /** @param {Bundle} bundle */
    constructor(bundle) {
        this.bundle = bundle;
        this.extras = bundle.extras;
        this.meta = bundle.meta;
        /** The last step that has a state of its own. */
        this.last = bundle.steps.length;
        this.parents = bundle.cells[0];
        this.labels = bundle.cells[1];
        /** @type {number[][]} */
        this.children = this.labels.map(() => []);
        this.parents.forEach((parent, cell) => parent >= 0 && this.children[parent].push(cell));
        /** @type {number[][]} the steps at which each cell changes */
        this.when = this.labels.map(() => []);
        /** @type {number[][]} and what it holds from then on */
        this.what = this.labels.map(() => []);
        this.#record(0, bundle.first);
        bundle.steps.forEach((step, index) => this.#record(index + 1, step[2]));
        /** @type {Map<string, number> | null} */
        this.names = null;
        /** @type {Set<number>} */
        this.restless = new Set();
        this.when.forEach((steps, cell) => {
            if (steps.length > 1 || (steps.length === 1 && steps[0] > 0)) {
                for (let up = cell; up >= 0; up = this.parents[up]) this.restless.add(up);
            }
        });
    }

    /**
     * @param {number} step
     * @param {number[]} changes
     */
    #record(step, changes) {
        for (let i = 0; i < changes.length; i += 2) {
            this.when[changes[i]].push(step);
            this.what[changes[i]].push(changes[i + 1]);
        }
    }

    /**
     * The position of the latest change of a cell up to a step, or -1.
     * @param {number} cell
     * @param {number} step
     */
    #latest(cell, step) {
        const when = this.when[cell];
        let low = 0;
        let high = when.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (when[middle] <= step) low = middle + 1;
            else high = middle;
        }
        return low - 1;
    }

    /**
     * What a cell holds after a step: the number of a value, or `ABSENT`.
     * @param {number} cell
     * @param {number} step
     */
    at(cell, step) {
        const latest = this.#latest(cell, step);
        return latest < 0 ? ABSENT : this.what[cell][latest];
    }

    /**
     * @param {number} cell
     * @param {number} step
     * @returns {string | null}
     */
    text(cell, step) {
        const value = this.at(cell, step);
        return value === ABSENT ? null : this.bundle.values[value][1];
    }

    /**
     * The kind of a cell's content: a letter of `knell.viewer.cells`, or null.
     * @param {number} cell
     * @param {number} step
     */
    kind(cell, step) {
        const value = this.at(cell, step);
        return value === ABSENT ? null : this.bundle.values[value][0];
    }

    /**
     * The step that gave a cell its content.
     * @param {number} cell
     * @param {number} step
     */
    since(cell, step) {
        const latest = this.#latest(cell, step);
        return latest < 0 ? 0 : this.when[cell][latest];
    }

    /**
     * Whether the step changed the cell, or a cell inside it.
     * @param {number} cell
     * @param {number} step
     * @param {number} [before] compared with this step instead of the one before
     * @returns {boolean}
     */
    changed(cell, step, before = step - 1) {
        if (step === 0 && before < 0) return false;
        if (this.at(cell, step) !== this.at(cell, before)) return true;
        return this.children[cell].some(
            (child) => this.restless.has(child) && this.changed(child, step, before),
        );
    }

    /** @param {number} cell @returns {string} */
    name(cell) {
        const parent = this.parents[cell];
        return parent < 0 ? this.labels[cell] : `${this.name(parent)}[${this.labels[cell]}]`;
    }

    /** @param {string} name */
    find(name) {
        this.names ??= new Map(this.labels.map((_, cell) => [this.name(cell), cell]));
        return this.names.get(name);
    }

    /** Where the run begins: a counterexample to induction may begin anywhere. */
    get beginning() {
        const anywhere = this.meta.kind === "run" && this.meta.property && this.last > 0;
        return anywhere ? "a state that has it" : "the initial state";
    }

    /** Steps that can be pointed at: the closing one has none of its own state. */
    get steps() {
        return this.last + (this.bundle.closing ? 1 : 0);
    }

    /** @param {number} step @returns {string | null} */
    action(step) {
        if (step === 0) return null;
        return step > this.last ? (this.bundle.closing?.[0] ?? null) : this.bundle.steps[step - 1][0];
    }

    /** @param {number} step @returns {Record<string, string>} */
    parameters(step) {
        if (step === 0) return {};
        return step > this.last ? (this.bundle.closing?.[1] ?? {}) : this.bundle.steps[step - 1][1];
    }

    /** @param {number} step */
    call(step) {
        if (step === 0) return "start";
        const parts = Object.entries(this.parameters(step)).map(([name, value]) => `${name}=${value}`);
        return `${this.action(step) ?? "step"}(${parts.join(", ")})`;
    }

    /** What is declared about the action of a step. @param {number} step */
    about(step) {
        const name = this.action(step) ?? "";
        return this.extras?.actions?.[name] ?? this.bundle.actions[name] ?? null;
    }

    /** The property that a step is said to break. @param {number} step @returns {string | null} */
    violated(step) {
        if (this.meta.kind === "leads_to") return null; // no single step breaks it
        return step > 0 && step <= this.last ? this.bundle.steps[step - 1][3] : null;
    }

    /** The lanes of a step, the taker's first. @param {number} step @returns {number[]} */
    takers(step) {
        if (step === 0 || step > this.last) return [];
        return this.bundle.scene.takers[step - 1];
    }

    /** The state shown at a step: after the closing step it is that of the loop's start. @param {number} step */
    stateOf(step) {
        return step > this.last ? (this.bundle.loop ?? this.last) : step;
    }

    /**
     * Intervals in which some cells say the same; of several epochs the newest that has begun counts.
     * @param {(number | null)[]} cells
     * @param {[string, number][]} epochs
     * @returns {Band[]}
     */
    bands(cells, epochs) {
        const known = cells.flatMap((cell, i) =>
            cell === null ? [] : [{ cell, epoch: epochs[i]?.[1] ?? 0 }],
        );
        if (!known.length) return [{ from: 0, to: this.last, word: "", epoch: 0, fresh: false }];
        const points = [...new Set([0, ...known.flatMap(({ cell }) => this.when[cell])])].sort(
            (a, b) => a - b,
        );
        /** @type {Band[]} */
        const bands = [];
        for (const point of points) {
            let word = "absent";
            let epoch = known[0]?.epoch ?? 0;
            for (const each of known) {
                const here = this.text(each.cell, point) ?? "absent";
                if (here !== "absent" || each === known[0]) [word, epoch] = [here, each.epoch];
            }
            const before = bands.at(-1);
            if (before && before.word === word && before.epoch === epoch) continue;
            if (before) before.to = point;
            bands.push({
                from: point,
                to: this.last,
                word,
                epoch,
                fresh: !!before && before.epoch !== epoch,
            });
        }
        return bands;
    }
}

/**
 * How far two runs are the same: the first step at which they differ, or null.
 * @param {Run} a
 * @param {Run} b
 */
export function parting(a, b) {
    const roots = new Map(b.bundle.vars.map((cell) => [b.labels[cell], cell]));
    for (let step = 0; step <= Math.max(a.last, b.last); step += 1) {
        if (step > a.last || step > b.last || a.call(step) !== b.call(step)) return step;
        for (const cell of a.bundle.vars) {
            const twin = roots.get(a.labels[cell]);
            if (twin !== undefined && !sameAt(a, cell, b, twin, step)) return step;
        }
    }
    return null;
}

/**
 * @param {Run} a
 * @param {number} cell
 * @param {Run} b
 * @param {number} twin
 * @param {number} step
 * @returns {boolean}
 */
export function sameAt(a, cell, b, twin, step) {
    if (a.text(cell, step) !== b.text(twin, step)) return false;
    const labels = new Map(b.children[twin].map((child) => [b.labels[child], child]));
    return (
        a.children[cell].every((child) => {
            const other = labels.get(a.labels[child]);
            labels.delete(a.labels[child]);
            return other === undefined ? a.text(child, step) === null : sameAt(a, child, b, other, step);
        }) && [...labels.values()].every((child) => b.text(child, step) === null)
    );
}
